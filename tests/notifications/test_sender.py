"""Draining into files: what is written, what one bad row does to the others, what a repeat does."""

import os
import stat

import pytest
from django.core import mail
from django.db import OperationalError

from exchanges.actions.offers import open_offer
from notifications import emails, outbox
from notifications.emails import Letter, ObsoleteError, register_writer
from notifications.models import Delivery
from notifications.sender import drain, surely
from notifications.transport import FileTransport, Later

pytestmark = pytest.mark.django_db


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_offer_reaches_its_follower_as_a_mail(offer, officer, follower, read_mails):
    reader = follower("country:PK")
    open_offer(offer=offer, by=officer)

    assert drain() == {"sent": 1}

    (message,) = read_mails()
    assert message["To"] == reader.email
    assert message["Subject"] == "New exchange offer: Two places in Gwadar"
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.uncertain) == ("sent", 1, 0)
    assert row.sent_at
    assert message["Message-ID"] == row.message_id
    assert row.smtp_reply.startswith("250 written to ")
    assert mail.outbox == []


def test_each_of_many_is_sent_once(delivery, read_mails):
    rows = [delivery() for _ in range(45)]

    assert drain() == {"sent": 45}
    assert drain() == {}

    assert sorted(message["To"] for message in read_mails()) == sorted(row.address for row in rows)


def test_file_is_private_complete_and_named_by_time_and_identity(delivery, mail_folder):
    row = delivery()

    drain()

    (path,) = mail_folder.iterdir()
    assert path.name == f"{row.created_at:%Y%m%d-%H%M%S}-{row.pk:08d}-{row.idem[:8]}.eml"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(mail_folder).st_mode) == 0o700
    content = path.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")


def test_second_sending_has_the_same_bytes_and_replaces_the_file(delivery, mail_folder):
    delivery(context={"n": 1})
    drain()
    (path,) = mail_folder.iterdir()
    first = path.read_bytes()
    path.unlink()

    register_writer("test", lambda row: Letter(subject="Something else", heading="Else"))
    Delivery.objects.update(state="pending")
    drain()

    assert [other.name for other in mail_folder.iterdir()] == [path.name]
    assert path.read_bytes() == first


def test_row_that_cannot_be_written_does_not_stop_the_others(delivery, read_mails):
    def fail(row):
        raise ValueError("no such fact")

    register_writer("test.bad", fail)
    bad = delivery(purpose="test.bad")
    good = delivery()

    assert drain() == {"later": 1, "sent": 1}

    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("retry", 1)
    assert "no such fact" in bad.last_error
    assert [message["To"] for message in read_mails()] == [good.address]


def test_obsolete_mail_is_called_off(delivery, read_mails):
    def nothing(row):
        raise ObsoleteError("confirmed already")

    register_writer("test.obsolete", nothing)
    delivery(purpose="test.obsolete")

    assert drain() == {"obsolete": 1}

    assert states() == ["cancelled"]
    assert read_mails() == []


def test_secret_is_made_at_sending_and_not_stored(delivery, read_mails):
    register_writer("test.secret", lambda row: Letter(subject="Yours", heading="Yours", paragraphs=("s3cr3t",)))
    delivery(purpose="test.secret", sensitive=True, context={"user": 1})

    drain()

    (message,) = read_mails()
    assert "s3cr3t" in message.get_body(("plain",)).get_content()
    row = Delivery.objects.get()
    assert (row.subject, row.body_text, row.body_html, row.stop_url, row.context) == ("", "", "", "", {})


def test_folder_that_cannot_be_written_keeps_the_mail(delivery, mail_folder):
    mail_folder.parent.mkdir(exist_ok=True)
    mail_folder.write_text("a file stands in the way")
    for _ in range(3):
        delivery()

    assert drain() == {"later": 1}

    assert states() == ["retry", "pending", "pending"]  # one was tried, and the others wait with it
    assert "folder for mail" in Delivery.objects.get(state="retry").last_error
    assert not Delivery.objects.due().exists()


def test_lost_lease_sends_nothing(delivery, mail_folder, monkeypatch):
    delivery()
    monkeypatch.setattr(outbox, "pass_fence", lambda rows: set())

    assert drain() == {"lost": 1}

    assert not list(mail_folder.glob("*.eml"))


def test_stop_gives_back_what_was_not_begun(delivery, read_mails):
    for _ in range(3):
        delivery()
    calls = iter([False, False, True, True, True])

    assert drain(stop=lambda: next(calls)) == {"sent": 1}

    assert sorted(states()) == ["pending", "pending", "sent"]
    assert sorted(Delivery.objects.values_list("attempts", flat=True)) == [0, 0, 1]


def test_drain_ends_in_time(delivery, mail_folder):
    delivery()

    assert drain(seconds=0) == {}

    assert states() == ["pending"]


def test_dead_sender_leaves_its_rows_to_the_next(delivery, read_mails):
    delivery()
    outbox.claim("somebody who dies")
    Delivery.objects.update(lease_until=emails.timezone.now())

    assert drain() == {"sent": 1}

    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.crashes) == ("sent", 2, 1)


def test_what_was_sent_is_told_when_the_database_is_back(monkeypatch):
    answers = iter([OperationalError("gone"), OperationalError("gone"), None])
    told = []

    def mark(row):
        answer = next(answers)
        if answer:
            raise answer
        told.append(row)

    class Connection:
        in_atomic_block = False

        def close(self):
            pass

    monkeypatch.setattr("notifications.sender.connection", Connection())
    monkeypatch.setattr("notifications.sender.time.sleep", lambda seconds: None)

    surely(mark, "row 7")

    assert told == ["row 7"]


def test_full_disk_leaves_no_half_file(delivery, mail_folder, monkeypatch):
    delivery()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("notifications.transport.os.fsync", full)

    with pytest.raises(Later, match="No space left"):
        FileTransport().send(Delivery.objects.get(), b"x" * 1000, fence=lambda: True)

    assert list(mail_folder.iterdir()) == []


def test_mail_is_written_in_the_language_and_zone_of_its_reader(delivery, mail_folder):
    from django.utils import timezone, translation

    from notifications.models import Subscriber
    from tests.factories import UserFactory

    seen = []

    def write(row):
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))
        return Letter(subject="x", heading="x")

    register_writer("test.language", write)
    for fields in [{"time_zone": "Asia/Karachi"}, {"language": "xx", "time_zone": "Mars/Gale"}]:
        reader = UserFactory(**fields)
        delivery(purpose="test.language", subscriber=Subscriber.objects.create(user=reader))

    with translation.override("fr"):
        drain()

    assert seen == [("en", "Asia/Karachi"), ("en", "UTC")]
