import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from exchanges.models import Offer
from notifications.models import Event, Notification, Subscriber
from notifications.topics import resolve
from tests.desk import errors, fields, queries_of, send, told
from tests.factories import CenterFactory, InstitutionFactory, OfferFactory, ThemeFactory, UserFactory
from workflow.models import Step

pytestmark = pytest.mark.django_db

LIST = reverse("admin:exchanges_offer_changelist")


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def page(offer, name="change"):
    return reverse(f"admin:exchanges_offer_{name}", args=[offer.pk])


def state_of(offer):
    return Offer.objects.get(pk=offer.pk).state


def test_officer_publishes_an_offer_and_followers_are_told(desk, officer):
    offer = OfferFactory()
    follower = Subscriber.objects.of_users([UserFactory()])[0]
    follower.follows.create(topic="country:PK", label=resolve("country:PK").label)

    response = send(desk, page(offer), {"title": "Typed just now"}, button="_move=open", follow=True)

    assert "1 offer is open now." in told(response)
    offer.refresh_from_db()
    assert (offer.state, offer.title) == ("open", "Typed just now")
    assert offer.opened_at is not None
    assert (Step.objects.get().target, Step.objects.get().by) == ("open", officer)
    assert Event.objects.get().facts["title"] == "Typed just now"
    assert Notification.objects.get().subscriber == follower


def test_open_offer_is_closed(desk):
    offer = OfferFactory(open=True)

    response = send(desk, page(offer), button="_move=closed", follow=True)

    assert "1 offer is closed now." in told(response)
    assert state_of(offer) == "closed"


@pytest.mark.parametrize(
    ("offer", "complaint"),
    [
        ({"places": None}, "An open offer needs places."),
        ({"apply_by": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, "passed"),
    ],
)
def test_offer_that_cannot_open_says_why_and_keeps_what_was_typed(desk, offer, complaint):
    offer = OfferFactory(**offer)

    response = send(desk, page(offer), {"title": "Kept"}, button="_move=open", follow=True)

    assert any(complaint in message for message in told(response))
    assert state_of(offer) == "draft"
    assert Offer.objects.get().title == "Kept"
    assert not Event.objects.exists()


def test_form_with_an_error_moves_nothing(desk):
    offer = OfferFactory()

    response = send(desk, page(offer), {"title": ""}, button="_move=open")

    assert "required" in errors(response)
    assert state_of(offer) == "draft"


def test_second_press_is_told_and_not_an_error(desk):
    offer = OfferFactory()
    send(desk, page(offer), button="_move=open")

    response = send(desk, page(offer), button="_move=open", follow=True)

    assert any("This is done already" in message for message in told(response))
    assert Event.objects.count() == 1


@pytest.mark.parametrize("target", ["draft", "nonsense", ""])
def test_no_other_state_can_be_asked_for(desk, target):
    offer = OfferFactory(open=True)

    send(desk, page(offer), {"state": "draft"}, button=f"_move={target}")

    assert state_of(offer) == "open"


def test_buttons_are_those_of_the_table(desk):
    def buttons(offer):
        return [target for target, _label in desk.get(page(offer)).context["moves"]]

    assert buttons(OfferFactory()) == ["open"]
    assert buttons(OfferFactory(open=True)) == ["closed"]
    assert buttons(OfferFactory(state="closed")) == ["open"]
    assert "moves" in desk.get(reverse("admin:exchanges_offer_add")).context


def test_selected_offers_are_opened_each_by_itself(desk):
    good, bad = OfferFactory(), OfferFactory(title="Incomplete", places=None)

    response = desk.post(LIST, {"action": "open_selected", "_selected_action": [good.pk, bad.pk]}, follow=True)

    assert (state_of(good), state_of(bad)) == ("open", "draft")
    assert sorted(told(response)) == ["1 offer is open now.", "Incomplete: An open offer needs places."]

    desk.post(LIST, {"action": "close_selected", "_selected_action": [good.pk]})
    assert state_of(good) == "closed"


def test_deadline_is_typed_as_the_clocks_of_its_own_zone_show_it(client):
    client.force_login(UserFactory(roles=["officer"], time_zone="America/New_York"))
    offer = OfferFactory()

    response = send(
        client, page(offer), {"apply_by_0": "2027-03-28", "apply_by_1": "02:30:00", "apply_by_zone": "Asia/Karachi"}
    )

    assert response.status_code == 302, errors(response)
    offer.refresh_from_db()
    assert offer.apply_by == datetime.datetime(2027, 3, 27, 21, 30, tzinfo=datetime.UTC)
    shown = fields(client.get(page(offer)))
    assert (shown["apply_by_0"], shown["apply_by_1"]) == (["2027-03-28"], ["02:30:00"])

    send(client, page(offer), {"title": "Again"})
    offer.refresh_from_db()
    assert offer.apply_by == datetime.datetime(2027, 3, 27, 21, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"apply_by_zone": "Mars/Olympus"}, "is no time zone"),
        ({"institution": ""}, "Name the institution or the center that hosts."),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "cannot end before"),
    ],
)
def test_what_is_wrong_is_said(desk, changes, complaint):
    response = send(desk, page(OfferFactory()), changes)

    assert complaint in errors(response)


def test_open_offer_stays_complete(desk):
    offer = OfferFactory(open=True)

    response = send(desk, page(offer), {"places": ""})

    assert "An open offer needs" in errors(response)


def test_only_a_draft_can_be_deleted(desk):
    draft, published = OfferFactory(), OfferFactory(open=True)

    assert desk.post(page(draft, "delete"), {"post": "yes"}).status_code == 302
    assert desk.post(page(published, "delete"), {"post": "yes"}).status_code == 403
    desk.post(LIST, {"action": "delete_selected", "_selected_action": [published.pk], "post": "yes"})
    assert list(Offer.objects.all()) == [published]


def test_new_offer_is_a_draft_with_an_address(desk):
    host = InstitutionFactory()
    add = reverse("admin:exchanges_offer_add")

    send(desk, add, {"title": "Visit to Gwadar", "kind": "visit", "institution": str(host.pk), "country": "PK"})

    offer = Offer.objects.get()
    assert (offer.slug, offer.state) == ("visit-to-gwadar", "draft")


def test_list_asks_as_often_for_three_offers_as_for_one(desk):
    def make():
        OfferFactory(center=CenterFactory()).themes.add(ThemeFactory())

    make()
    desk.get(LIST)
    one = queries_of(desk, LIST)
    make()
    make()

    assert queries_of(desk, LIST) == one <= 12


@pytest.mark.parametrize(("status", "shown"), [("open", ["Open"]), ("closed", ["Closed", "Past"])])
def test_list_filters_by_what_visitors_see(desk, status, shown):
    OfferFactory(title="Draft")
    OfferFactory(title="Open", open=True)
    OfferFactory(title="Past", open=True, apply_by=timezone.now() - datetime.timedelta(days=1))
    OfferFactory(title="Closed", state="closed")

    response = desk.get(LIST, {"status": status})

    assert sorted(offer.title for offer in response.context["cl"].result_list) == shown


def test_history_tells_the_states(desk):
    offer = OfferFactory()
    send(desk, page(offer), button="_move=open")

    entries = desk.get(page(offer, "history")).context["page"].entries

    assert ("state", "draft", "open") in [(str(c.field), c.before, c.after) for entry in entries for c in entry.changes]


def test_history_shows_times_in_the_zone_of_the_reader(client):
    client.force_login(UserFactory(roles=["officer"], time_zone="Asia/Karachi"))
    offer = OfferFactory(apply_by=datetime.datetime(2030, 1, 15, 20, 30, tzinfo=datetime.UTC))

    text = client.get(page(offer, "history")).content.decode()

    assert "16 Jan 2030, 01:30" in text
