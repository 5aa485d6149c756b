"""Atom feeds and calendars: what programs read without signing in."""

import datetime
import xml.etree.ElementTree as ElementTree

import icalendar
import pytest

from exchanges.actions.offers import close_offer, open_offer
from exchanges.models import Offer
from notifications.following import renew_calendar
from notifications.models import Event
from tests.factories import CallFactory, OfferFactory, ProjectFactory, ProposalFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


def entries(response) -> list[str]:
    assert response["Content-Type"].startswith("application/atom+xml")
    return [
        entry.findtext("a:title", namespaces=ATOM)
        for entry in ElementTree.fromstring(response.content).findall("a:entry", ATOM)
    ]


def events(response) -> list[str]:
    calendar = icalendar.Calendar.from_ical(response.content)
    return sorted(str(event["summary"]) for event in calendar.walk("VEVENT"))


# --- Atom


def test_feeds_of_lists_and_records_tell_what_followers_hear(client, officer):
    theme = ThemeFactory()
    offer = OfferFactory(title="Wells & <water>")
    offer.themes.add(theme)
    open_offer(offer=offer, by=officer)

    told = ["New exchange offer: Wells & <water>"]
    assert entries(client.get("/exchanges/feed.atom")) == told
    assert entries(client.get("/countries/PK/feed.atom")) == told
    assert entries(client.get(f"{theme.get_absolute_url()}feed.atom")) == told
    assert entries(client.get(f"{offer.institution.get_absolute_url()}feed.atom")) == told
    assert entries(client.get("/countries/NP/feed.atom")) == []
    assert entries(client.get("/calls/feed.atom")) == []


def test_feed_is_valid_and_the_same_for_everybody(client, officer):
    open_offer(offer=OfferFactory(title="Wells"), by=officer)
    anonymous = client.get("/exchanges/feed.atom")
    root = ElementTree.fromstring(anonymous.content)
    (entry,) = root.findall("a:entry", ATOM)
    assert entry.findtext("a:id", namespaces=ATOM).startswith("tag:")
    assert entry.find("a:link", ATOM).get("href").startswith("http")
    assert "Apply by" in entry.findtext("a:summary", namespaces=ATOM)
    assert anonymous["Cache-Control"] == "public, max-age=300"

    client.force_login(officer)
    assert client.get("/exchanges/feed.atom").content == anonymous.content


def test_feed_tells_nothing_of_what_is_hidden_now_or_was(client, officer):
    offer = OfferFactory(title="Taken back")
    open_offer(offer=offer, by=officer)
    Event.objects.create(
        kind="stay.submitted",
        subject_label="exchanges.stay",
        subject_id="1",
        facts={"title": "Secret"},
        topics=["country:PK"],
    )
    Offer.objects.update(state="draft")

    client.force_login(officer)
    assert entries(client.get("/exchanges/feed.atom")) == []
    assert entries(client.get("/countries/PK/feed.atom")) == []


@pytest.mark.parametrize("address", ["/projects/hidden/feed.atom", "/members/no-such/feed.atom", "/people/feed.atom"])
def test_feed_of_what_nobody_may_know_is_not_found(client, address):
    ProjectFactory(slug="hidden", published_at=None)
    assert client.get(address).status_code == 404
    assert client.post(address).status_code in (404, 405)


def test_page_names_its_feed(client):
    assert 'href="/countries/PK/feed.atom"' in client.get("/countries/PK/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_feed_asks_as_much_for_one_as_for_three(client, officer, count, django_assert_num_queries):
    for offer in OfferFactory.create_batch(count):
        open_offer(offer=offer, by=officer)

    with django_assert_num_queries(2):
        assert len(entries(client.get("/exchanges/feed.atom"))) == count


# --- Calendars


def test_calendars_of_calls_and_exchanges(client, officer):
    CallFactory(title="Glaciers")
    CallFactory(title="A draft", state="draft")
    offer = OfferFactory(title="Wells", open=True)

    assert events(client.get("/calls/calendar.ics")) == ["Deadline: Glaciers"]
    assert events(client.get("/exchanges/calendar.ics")) == ["Apply by: Wells"]
    close_offer(offer=offer, by=officer)
    assert events(client.get("/exchanges/calendar.ics")) == []


def test_own_calendar_is_read_by_its_address_alone(client):
    proposal = ProposalFactory(title="Ice")
    user = proposal.applicant
    client.force_login(user)
    page = client.post("/desk/notifications/calendar/", follow=True).content.decode()
    address = f"/desk/calendar.ics?token={user.subscriber.calendar_token}"
    assert address in page
    client.logout()

    response = client.get(address)
    assert events(response) == [f"Submit: {proposal}"]
    assert response["Cache-Control"] == "private, no-store"

    renew_calendar(by=user)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["", "guessed", "\x00", "None"])
def test_calendar_needs_its_token(client, token):
    client.force_login(ProposalFactory().applicant)
    assert client.get("/desk/calendar.ics", {"token": token}).status_code == 404


def test_calendar_of_a_closed_account_is_gone(client):
    user = UserFactory()
    token = renew_calendar(by=user).calendar_token
    assert client.get("/desk/calendar.ics", {"token": token}).status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/desk/calendar.ics", {"token": token}).status_code == 404


def test_days_are_whole_and_moments_in_utc(client):
    from toolkit.calendars import Entry, calendar_response

    moment = datetime.datetime(2026, 3, 29, 2, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=5)))
    response = calendar_response(
        "x",
        [
            Entry("a", "A moment", moment, "/a/"),
            Entry("b", "Days", datetime.date(2026, 3, 1), "/b/", until=datetime.date(2026, 3, 5)),
        ],
    )
    text = response.content.decode()
    assert "DTSTART:20260328T213000Z" in text
    assert "DTSTART;VALUE=DATE:20260301" in text
    assert "DTEND;VALUE=DATE:20260306" in text
