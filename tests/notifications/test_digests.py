from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from exchanges.actions.offers import open_offer
from notifications import digests, sender
from notifications.digests import last_daily, write_digests
from notifications.emails import as_bytes, write
from notifications.following import choose, stop_mail, unfollow_topic
from notifications.models import Delivery, Event, Notification, Preference, Subscriber
from notifications.quiet import end_of_quiet
from notifications.sender import drain
from tests.factories import OfferFactory, UserFactory
from tests.notifications.conftest import parse

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)


def at(text: str) -> datetime:
    moment = parse_datetime(text)
    assert moment
    return moment


@pytest.fixture
def tell(officer):
    """tell("Two places") announces an offer of this title in Pakistan, at a time if one is given."""

    def announce(title="Two places", when=None):
        offer = open_offer(offer=OfferFactory(title=title), by=officer)
        if when:
            Event.objects.filter(subject_id=str(offer.pk), kind="offer.opened").update(created_at=when)
        return offer

    return announce


@pytest.fixture
def now_is(monkeypatch):
    """The database's clock, as digests and quiet hours read it."""

    def set_to(moment):
        monkeypatch.setattr(digests, "database_now", lambda: moment)
        monkeypatch.setattr(sender, "database_now", lambda: moment)

    return set_to


def prefer(user, rhythm, **fields):
    (subscriber,) = Subscriber.objects.of_users([user])
    choose(subscriber=subscriber, email={"offers": rhythm}, **fields)
    return subscriber


# --- What the reader has chosen


def test_what_is_wanted_once_a_day_waits_and_stands_in_the_inbox(follower, tell):
    prefer(follower("country:PK"), "daily")

    tell()

    assert [(one.mail, one.in_inbox) for one in Notification.objects.all()] == [("daily", True)]
    assert not Delivery.objects.exists()


def test_mail_can_come_without_the_inbox_and_the_inbox_without_mail(client, follower, tell):
    only_mail, only_inbox, neither = (follower("country:PK") for _ in range(3))
    prefer(only_mail, "now", inbox={"offers": "off"})
    prefer(only_inbox, "off")
    prefer(neither, "off", inbox={"offers": "off"})

    tell()

    assert list(Delivery.objects.values_list("address", flat=True)) == [only_mail.email]
    assert {one.subscriber.user: one.in_inbox for one in Notification.objects.all()} == {
        only_mail: False,
        only_inbox: True,
    }
    for reader, shown in [(only_mail, 0), (only_inbox, 1)]:
        client.force_login(reader)
        assert len(client.get("/desk/inbox/").context["page"]) == shown


def test_choice_for_one_kind_counts_before_that_for_its_area(follower, tell):
    subscriber = prefer(follower("country:PK"), "daily")
    Preference.objects.create(subscriber=subscriber, about="offer.opened", rhythm="weekly")

    tell()

    assert Notification.objects.get().mail == "weekly"


def test_what_concerns_somebody_always_stands_in_the_inbox(officer):
    from notifications.actions import announce

    reader = UserFactory()
    (subscriber,) = Subscriber.objects.of_users([reader])
    Preference.objects.create(subscriber=subscriber, about="stays", channel="inbox", rhythm="off")
    facts = dict.fromkeys(["person", "offer", "home", "host", "institution", "answer"], "x")
    with transaction.atomic():
        announce("stay.submitted", OfferFactory(), actor=officer, to=[reader], context=facts)

    assert Notification.objects.get().in_inbox


@pytest.mark.parametrize("fields", [{"channel": "inbox", "rhythm": "daily"}, {"channel": "email", "rhythm": "hourly"}])
def test_database_knows_which_rhythms_there_are(follower, fields):
    subscriber = follower("country:PK").subscriber
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(subscriber=subscriber, about="offers", **fields)


# --- Digests


def test_digest_tells_all_that_waited_once_by_area_with_reason_and_stop(follower, tell, now_is, read_mails):
    reader = follower("country:PK")
    prefer(reader, "daily")
    tell("First", MONDAY - timedelta(hours=20))
    tell("Second", MONDAY - timedelta(minutes=1))
    tell("Too late", MONDAY + timedelta(minutes=1))
    now_is(MONDAY + timedelta(minutes=5))

    assert drain()["sent"] == 1
    assert drain()["sent"] == 0

    (mail,) = read_mails()
    text = mail.get_body(("plain",)).get_content()
    assert mail["Subject"].startswith("2 things are new at")
    assert text.index("Exchange offers") < text.index("offer: First") < text.index("offer: Second")
    assert "Too late" not in text
    assert text.count("You get this because you follow Pakistan. Stop this: http") == 2
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Notification.objects.filter(mail="daily").count() == 1

    now_is(MONDAY + timedelta(days=1))
    assert drain()["sent"] == 1
    assert "Too late" in read_mails()[1].get_body(("plain",)).get_content()


def test_nothing_new_is_no_mail(follower, tell, now_is):
    prefer(follower("country:PK"), "daily")
    now_is(MONDAY)

    assert write_digests() == 0
    assert not Delivery.objects.exists()


def test_what_is_wanted_weekly_waits_for_monday_and_shares_its_mail(follower, tell, now_is):
    reader = follower("country:PK")
    subscriber = prefer(reader, "weekly")
    tell("Weekly", MONDAY - timedelta(days=3))
    now_is(MONDAY - timedelta(hours=1))
    assert write_digests() == 0

    Preference.objects.filter(subscriber=subscriber).update(rhythm="daily")
    tell("Daily", MONDAY - timedelta(hours=1))
    now_is(MONDAY)

    assert write_digests() == 1
    assert Delivery.objects.get().notifications.count() == 2


def test_what_was_committed_too_late_is_in_the_next_digest_and_in_no_second_mail_of_the_day(follower, tell, now_is):
    prefer(follower("country:PK"), "daily")
    tell("First", MONDAY - timedelta(hours=2))
    now_is(MONDAY)
    assert write_digests() == 1
    tell("Slow", MONDAY - timedelta(hours=1))

    assert write_digests() == 0
    now_is(MONDAY + timedelta(days=1))
    assert write_digests() == 1
    assert Delivery.objects.order_by("pk").last().notifications.get().event.facts["title"] == "Slow"


@pytest.mark.parametrize(
    ("zone", "now", "moment"),
    [
        ("UTC", "2026-11-30T07:00:00Z", "2026-11-30T07:00:00Z"),
        ("UTC", "2026-11-30T06:59:59Z", "2026-11-29T07:00:00Z"),
        ("Pacific/Kiritimati", "2026-11-29T17:00:00Z", "2026-11-29T17:00:00Z"),  # +14: Monday there
        ("Pacific/Kiritimati", "2026-11-29T16:59:59Z", "2026-11-28T17:00:00Z"),
        ("Etc/GMT+12", "2026-11-30T19:00:00Z", "2026-11-30T19:00:00Z"),  # -12
        ("Etc/GMT+12", "2026-11-30T18:59:59Z", "2026-11-29T19:00:00Z"),
        ("Europe/Berlin", "2026-03-29T05:00:00Z", "2026-03-29T05:00:00Z"),  # summer time began at 2
        ("Europe/Berlin", "2026-03-29T04:59:59Z", "2026-03-28T06:00:00Z"),  # 23 hours earlier
        ("Europe/Berlin", "2026-10-25T06:00:00Z", "2026-10-25T06:00:00Z"),  # summer time ended at 3
        ("Europe/Berlin", "2026-10-25T05:59:59Z", "2026-10-24T05:00:00Z"),
        ("No/Such", "2026-11-30T07:00:00Z", "2026-11-30T07:00:00Z"),
    ],
)
def test_digest_comes_at_seven_in_the_readers_zone(zone, now, moment):
    assert last_daily(at(now), zone) == at(moment)


def test_digest_goes_out_when_it_is_seven_where_the_reader_is(follower, tell, now_is):
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "UTC"):
        prefer(follower("country:PK", time_zone=zone), "daily")
    tell(when=MONDAY - timedelta(days=1, minutes=30))  # Sunday 6:30 in UTC
    sent = []
    for hours in (-24.5, -24, -14.5, -14, -12.5, -12):  # Sunday 7:00 in UTC, Monday at +14, Sunday at -12
        now_is(MONDAY + timedelta(hours=hours))
        sent.append(write_digests())

    assert sent == [0, 1, 0, 1, 0, 1]


def test_stopped_topic_is_left_out_of_what_waits_and_an_empty_digest_is_not_sent(follower, tell, now_is):
    reader = follower("country:PK")
    subscriber = prefer(reader, "daily")
    tell(when=MONDAY - timedelta(hours=2))
    now_is(MONDAY)
    write_digests()

    unfollow_topic(topic="country:PK", subscriber=subscriber)

    assert Delivery.objects.get().state == "cancelled"
    tell("Waits no more")
    assert not Notification.objects.filter(mail="daily").exists()


def test_digests_are_stopped_by_one_click(client, follower, tell, now_is):
    subscriber = prefer(follower("country:PK"), "daily")
    tell(when=MONDAY - timedelta(hours=2))
    now_is(MONDAY)
    write_digests()
    row = Delivery.objects.get()
    path = "/" + write(row)["stop_url"].split("/", 3)[3]
    assert "what you asked to get in one mail" in client.get(path).content.decode()

    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200

    row.refresh_from_db()
    assert row.state == "cancelled"
    # What comes daily without having been chosen stops too.
    chosen = dict(Preference.objects.filter(subscriber=subscriber, channel="email").values_list("about", "rhythm"))
    assert chosen == {"offers": "off", "news": "off", "people": "off", "searches": "off"}
    stop_mail(kind="digest", subscriber=subscriber)  # twice is once
    tell("Later")
    assert Delivery.objects.count() == 1


def test_digest_is_the_same_bytes_whenever_it_is_made(follower, tell, now_is):
    prefer(follower("country:PK"), "daily")
    tell("<b>Bold</b> https://evil.example", MONDAY - timedelta(hours=2))
    now_is(MONDAY)
    write_digests()
    row = Delivery.objects.get()
    content = write(row)

    assert as_bytes(row, content) == as_bytes(row, write(row))
    mail = parse(as_bytes(row, content))
    assert "<b>Bold" not in mail.get_body(("html",)).get_content()
    assert "https://evil" not in mail.get_body(("plain",)).get_content()


# --- Quiet hours


@pytest.mark.parametrize(
    ("zone", "begin", "end", "now", "until"),
    [
        ("UTC", "22:00", "06:30", "2026-11-30T23:00:00Z", "2026-12-01T06:30:00Z"),
        ("UTC", "22:00", "06:30", "2026-11-30T06:29:59Z", "2026-11-30T06:30:00Z"),
        ("UTC", "22:00", "06:30", "2026-11-30T06:30:00Z", None),
        ("UTC", "12:00", "13:00", "2026-11-30T12:00:00Z", "2026-11-30T13:00:00Z"),
        ("UTC", "12:00", "13:00", "2026-11-30T11:59:59Z", None),
        ("Pacific/Kiritimati", "22:00", "06:00", "2026-11-30T09:00:00Z", "2026-11-30T16:00:00Z"),
        ("Etc/GMT+12", "22:00", "06:00", "2026-11-30T09:00:00Z", None),
        ("Etc/GMT+12", "22:00", "06:00", "2026-11-30T10:00:00Z", "2026-11-30T18:00:00Z"),
        ("Europe/Berlin", "22:00", "02:30", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),  # 2:30 is skipped
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"),  # the first 2:30
        ("Europe/Berlin", "22:00", "02:30", "2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"),  # the second
    ],
)
def test_quiet_hours_end_on_the_readers_clock(zone, begin, end, now, until):
    reader = Subscriber(
        address="a@example.org",
        time_zone=zone,
        quiet_from=time.fromisoformat(begin),
        quiet_until=time.fromisoformat(end),
    )

    assert end_of_quiet(reader, at(now)) == (at(until) if until else None)


def test_mail_waits_for_the_end_of_quiet_hours_and_is_not_counted_as_tried(follower, tell, now_is, read_mails):
    subscriber = prefer(follower("country:PK"), "now", quiet=(time(22), time(6)))
    tell()
    now_is(at("2099-11-30T23:00:00Z"))

    assert drain() == {"postponed": 1}

    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.next_at) == ("pending", 0, at("2099-12-01T06:00:00Z"))
    assert read_mails() == []
    Subscriber.objects.filter(pk=subscriber.pk).update(quiet_from=None, quiet_until=None)
    Delivery.objects.update(next_at=MONDAY - timedelta(days=900))
    assert drain()["sent"] == 1


def test_sign_in_mail_knows_no_quiet_hours(delivery, follower, now_is, read_mails):
    subscriber = prefer(follower("country:PK"), "now", quiet=(time(22), time(6)))
    delivery(subscriber=subscriber)
    now_is(at("2099-11-30T23:00:00Z"))

    assert drain()["sent"] == 1


@pytest.mark.parametrize("hours", [(time(6), None), (None, time(6)), (time(6), time(6))])
def test_quiet_hours_are_two(follower, hours):
    subscriber = follower("country:PK").subscriber
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscriber.objects.filter(pk=subscriber.pk).update(quiet_from=hours[0], quiet_until=hours[1])


# --- The page


def form_of(**fields):
    from notifications import kinds

    every = {f"email_{area.name}": "now" for area in kinds.areas()}
    inbox = {f"inbox_{area.name}": "on" for area in kinds.areas() if not area.mandatory}
    return {**every, **inbox, "quiet_from": "", "quiet_until": "", **fields}


def test_reader_chooses_rhythms_and_quiet_hours_on_the_page(client, follower):
    reader = follower("country:PK")
    client.force_login(reader)
    page = client.get("/desk/notifications/").content.decode()
    assert "Exchange offers" in page
    assert 'name="inbox_stays"' not in page  # always

    data = form_of(email_offers="weekly", quiet_from="22:00", quiet_until="06:30")
    del data["inbox_calls"]
    assert client.post("/desk/notifications/", data).status_code == 302

    chosen = {(row.about, row.channel): row.rhythm for row in Preference.objects.filter(subscriber__user=reader)}
    assert chosen["offers", "email"] == "weekly"
    assert (chosen["calls", "inbox"], chosen["offers", "inbox"]) == ("off", "now")
    subscriber = reader.subscriber
    subscriber.refresh_from_db()
    assert (subscriber.quiet_from, subscriber.quiet_until) == (time(22), time(6, 30))
    page = client.get("/desk/notifications/").content.decode()
    assert '<option value="weekly" selected>' in page
    assert 'value="22:00"' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"quiet_from": "22:00"}, "Give both, or leave both empty."),
        ({"quiet_until": "22:00"}, "Give both, or leave both empty."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "This is when they begin."),
        ({"email_offers": "hourly"}, "Select a valid choice"),
        ({"quiet_from": "25:00", "quiet_until": "6:00"}, "Enter a valid time"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_the_field(client, follower, fields, said):
    reader = follower("country:PK")
    client.force_login(reader)

    response = client.post("/desk/notifications/", form_of(email_calls="daily", **fields))

    assert response.status_code == 422
    assert said in response.content.decode()
    assert not Preference.objects.exists()
    assert '<option value="daily" selected>' in response.content.decode()


def test_later_choice_moves_what_waits(follower, tell):
    subscriber = prefer(follower("country:PK"), "weekly")
    tell()

    choose(subscriber=subscriber, email={"offers": "daily"})
    assert Notification.objects.get().mail == "daily"
    choose(subscriber=subscriber, email={"offers": "weekly"})
    choose(subscriber=subscriber, email={"offers": "now"})
    assert Notification.objects.get().mail == "daily"
    choose(subscriber=subscriber, email={"offers": "off"})
    assert Notification.objects.get().mail == "off"
