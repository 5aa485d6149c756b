import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from notifications import journal, outbox
from notifications.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return tmp_path / "outbox"


def dies_after_handing_over(row, *, noted: bool):
    (claimed,) = outbox.claim("sender")
    assert outbox.pass_fence(claimed)
    if noted:
        journal.note(claimed.pk, claimed.lease)
    Delivery.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_what_the_server_took_before_the_sender_died_is_sent_and_not_sent_again(delivery):
    row = delivery()
    dies_after_handing_over(row, noted=True)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain, row.smtp_reply[:3]) == ("sent", 0, "250")
    assert row.sent_at


@pytest.mark.parametrize("sensitive", [False, True])
def test_without_a_note_it_stays_in_doubt(delivery, sensitive):
    row = delivery(sensitive=sensitive)
    dies_after_handing_over(row, noted=False)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain) == ("uncertain" if sensitive else "retry", 1)


def test_note_of_an_earlier_lease_says_nothing_of_this_one(delivery):
    row = delivery()
    journal.note(row.pk, uuid4())
    dies_after_handing_over(row, noted=False)

    outbox.reap()

    row.refresh_from_db()
    assert row.state == "retry"


def test_secret_of_what_the_journal_says_is_sent_is_forgotten(delivery):
    row = delivery(sensitive=True, secret="sealed", secret_until=Now() + timedelta(hours=1), context={"n": 1})
    dies_after_handing_over(row, noted=True)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.secret, row.context) == ("sent", "", {})


def test_notes_are_kept_two_days_and_a_cut_line_is_passed_over(folder):
    mark = (7, str(lease := uuid4()))
    journal.note(7, lease)
    (today,) = folder.iterdir()
    with today.open("a") as file:
        file.write("8 cut")
    old = folder / f"sent-{datetime.now(UTC) - timedelta(days=3):%Y%m%d}.log"
    old.write_text(f"9 {uuid4()}\n")

    assert journal.noted() == {mark}
    assert not old.exists()
    assert oct(today.stat().st_mode)[-3:] == "600"


def test_full_disk_does_not_stop_the_mail(monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    journal.note(1, uuid4())

    assert journal.noted() == set()
