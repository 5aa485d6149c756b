from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from notifications import journal, outbox
from notifications.models import Delivery
from notifications.sender import drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return tmp_path / "outbox"


def dies(row, *, fenced=True, begun=True, sent=False):
    """Behind the fence, with these notes."""
    (claimed,) = outbox.claim("sender")
    if fenced:
        assert journal.note_fence(claimed.lease)
    assert outbox.pass_fence([claimed])
    if begun:
        journal.note_begun(claimed.pk, claimed.lease)
    if sent:
        journal.note_sent(claimed.pk, claimed.lease)
    Delivery.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_what_the_server_took_before_the_sender_died_is_sent_and_not_sent_again(delivery):
    row = delivery()
    dies(row, sent=True)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain, row.smtp_reply[:3]) == ("sent", 0, "250")
    assert row.sent_at


@pytest.mark.parametrize("sensitive", [False, True])
def test_what_was_begun_and_not_noted_as_sent_is_in_doubt(delivery, sensitive):
    row = delivery(sensitive=sensitive)
    dies(row)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain) == ("uncertain" if sensitive else "retry", 1)


@pytest.mark.parametrize("sensitive", [False, True])
def test_what_passed_the_fence_with_others_and_was_not_begun_is_no_doubt(delivery, sensitive):
    row = delivery(sensitive=sensitive)
    dies(row, begun=False)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain) == ("retry", 0)


def test_without_notes_of_the_sender_all_behind_the_fence_is_in_doubt(delivery):
    row = delivery()
    dies(row, fenced=False, begun=False)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain) == ("retry", 1)


def test_nothing_follows_from_what_a_machine_that_died_has_not_noted(delivery, monkeypatch):
    row = delivery()
    dies(row, begun=False)
    monkeypatch.setattr(journal, "_boot", lambda: "another")

    outbox.reap()

    row.refresh_from_db()
    assert row.uncertain == 1


def test_note_of_an_earlier_lease_says_nothing_of_this_one(delivery):
    row = delivery()
    journal.note_sent(row.pk, uuid4())
    dies(row)

    outbox.reap()

    row.refresh_from_db()
    assert row.state == "retry"


def test_secret_of_what_the_journal_says_is_sent_is_forgotten(delivery):
    row = delivery(sensitive=True, secret="sealed", secret_until=Now() + timedelta(hours=1), context={"n": 1})
    dies(row, sent=True)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.secret, row.context) == ("sent", "", {})


def test_notes_are_kept_two_days_and_a_cut_line_is_passed_over(folder):
    journal.note_sent(7, lease := uuid4())
    (today,) = folder.iterdir()
    with today.open("a") as file:
        file.write("sent 8 cut\nbegun\nfenced 0 x")
    old = folder / f"sent-{datetime.now(UTC) - timedelta(days=3):%Y%m%d}.log"
    old.write_text(f"sent 9 {uuid4()}\n")

    assert journal.notes().sent == {(7, str(lease))}
    assert not old.exists()
    assert oct(today.stat().st_mode)[-3:] == "600"


def test_full_disk_does_not_stop_the_mail(delivery, mail_folder, read_mails, monkeypatch):
    monkeypatch.setattr(journal, "_write", lambda line: False)
    delivery()

    assert drain()["sent"] == 1


def test_disk_that_fills_behind_the_fence_stops_what_could_not_be_noted(delivery, mail_folder, monkeypatch):
    monkeypatch.setattr(journal, "_write", lambda line: line.startswith("fenced"))
    delivery()

    assert drain() == {"lost": 1}
    assert not list(mail_folder.glob("*.eml"))
