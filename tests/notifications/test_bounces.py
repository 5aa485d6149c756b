"""Mail that comes back, and complaints, stop an address; what is no report of a mail of ours changes nothing."""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchanges.actions.offers import open_offer
from notifications.actions import cancel_delivery, post_mail, trust_address
from notifications.bounces import read_folder, read_message, read_report
from notifications.desk import items
from notifications.digests import write_digests
from notifications.models import Delivery, Notification, Preference, Subscriber
from notifications.tasks import bounces
from tests.factories import OfferFactory, UserFactory

pytestmark = pytest.mark.django_db

BOUNCE = """From: MAILER-DAEMON@mail.example.org
To: bounces@portal.example.org
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I am sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; reader@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 unknown user

--b
Content-Type: {returned}

From: portal@example.org
Message-ID: {message_id}
Subject: News

--b--
"""
COMPLAINT = """From: abuse@example.net
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Something/1.0
Version: 1

--b
Content-Type: message/rfc822

Message-ID: {message_id}
Subject: News

Text
--b--
"""


def bounce(message_id, action="failed", status="5.1.1", returned="text/rfc822-headers") -> bytes:
    return BOUNCE.format(message_id=message_id, action=action, status=status, returned=returned).encode()


@pytest.fixture
def reader(follower):
    return follower("country:PK")


@pytest.fixture
def sent(delivery, reader):
    subscriber = Subscriber.objects.get(user=reader)
    return delivery(subscriber=subscriber, address=reader.email, state="sent", sent_at=timezone.now())


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_mail_that_comes_back_stops_its_address(sent, reader, officer, returned):
    assert read_message(bounce(sent.message_id, returned=returned)) == "bounced"
    sent.refresh_from_db()
    assert sent.state == "bounced"
    assert sent.last_error == "smtp; 550 5.1.1 unknown user"
    assert Subscriber.objects.get(user=reader).is_refused

    open_offer(offer=OfferFactory(), by=officer)
    assert Notification.objects.get(subscriber__user=reader).in_inbox
    assert not Delivery.objects.filter(purpose="offer.opened").exists()


def test_complaint_stops_its_address_too(sent, reader):
    assert read_message(COMPLAINT.format(message_id=sent.message_id).encode()) == "complained"
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == ("complained", "Complaint: abuse")
    assert Subscriber.objects.get(user=reader).is_refused


def test_digests_wait_until_the_address_is_right(sent, reader, officer):
    Preference.objects.create(subscriber=Subscriber.objects.get(user=reader), about="offers", rhythm="daily")
    read_message(bounce(sent.message_id))
    open_offer(offer=OfferFactory(), by=officer)
    Notification.objects.get().event.__class__.objects.update(created_at="2026-01-01T00:00Z")
    assert write_digests() == 0
    assert trust_address(subscriber=Subscriber.objects.get(user=reader), by=reader)
    assert write_digests() == 1


def test_new_address_is_written_to(sent, reader, officer):
    read_message(bounce(sent.message_id))
    reader.email = "another@example.org"
    reader.save()
    open_offer(offer=OfferFactory(), by=officer)
    assert Delivery.objects.get(purpose="offer.opened").address == "another@example.org"


def test_codes_are_still_sent(sent, reader):
    read_message(bounce(sent.message_id))
    assert post_mail(address=reader.email, purpose="test").state == "pending"


def test_late_mail_is_no_refusal(sent, reader):
    assert read_message(bounce(sent.message_id, action="delayed", status="4.4.1")) == "late"
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert not Subscriber.objects.get(user=reader).is_refused


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00\xfe",
        b"Subject: Out of office\n\nI am away.",
        bounce("<somebody-elses@example.org>"),
        bounce(""),
        b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n--b',
        COMPLAINT.replace("Message-ID: {message_id}\n", "").encode(),
    ],
)
def test_what_is_no_report_of_ours_changes_nothing(sent, reader, raw):
    assert read_message(raw) == "other"
    sent.refresh_from_db()
    assert sent.state == "sent"
    assert not Subscriber.objects.get(user=reader).is_refused


def test_report_twice_is_harmless_and_does_not_touch_what_waits(sent, delivery):
    read_message(bounce(sent.message_id))
    assert read_message(bounce(sent.message_id)) == "bounced"
    waiting = delivery()
    read_message(bounce(waiting.message_id))
    waiting.refresh_from_db()
    assert waiting.state == "pending"


def test_folder_is_read_and_emptied(sent, tmp_path, settings):
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1").write_bytes(bounce(sent.message_id))
    (tmp_path / "cur" / "2:2,S").write_bytes(b"Subject: Hello\n\nHello")
    assert read_folder(tmp_path) == {"bounced": 1, "other": 1}
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    settings.MAIL_BOUNCES = str(tmp_path)
    bounces()
    out = io.StringIO()
    call_command("read_bounces", tmp_path, stdout=out)
    assert out.getvalue() == "Nothing there.\n"


def test_one_message_comes_through_a_pipe(sent, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(bounce(sent.message_id))))
    out = io.StringIO()
    call_command("read_bounces", stdout=out)
    assert out.getvalue() == "bounced\n"


def test_officers_see_it_at_their_desk_until_they_put_it_aside(sent, officer):
    read_message(bounce(sent.message_id))
    (item,) = items(officer)
    assert item.title == sent.address
    assert cancel_delivery(delivery=sent, by=officer)
    assert not items(officer)


def test_reader_says_that_the_address_is_right(client, sent, reader):
    read_message(bounce(sent.message_id))
    client.force_login(reader)
    assert "came back, or was called spam" in client.get("/desk/notifications/").content.decode()
    answer = client.post("/desk/notifications/trust/", follow=True)
    assert "We write to this address again" in answer.content.decode()
    assert not Subscriber.objects.get(user=reader).is_refused


def test_others_cannot_say_it_for_the_reader(sent, reader, client):
    read_message(bounce(sent.message_id))
    client.force_login(UserFactory())
    client.post("/desk/notifications/trust/")
    assert Subscriber.objects.get(user=reader).is_refused


def test_report_with_everything_twice_is_read():
    report = read_report(bounce("<a@b>").replace(b"Action: failed", b"Action: failed\nAction: failed"))
    assert report
    assert report.state == "bounced"


def test_what_comes_back_is_found_by_an_index(sent):
    with CaptureQueriesContext(connection) as asked:
        read_message(bounce(sent.message_id))
    look_up = next(one["sql"] for one in asked if one["sql"].startswith("SELECT") and '"idem"' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {look_up}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "delivery_once" in plan
    assert "Index Cond: (((idem)::text >= " in plan
