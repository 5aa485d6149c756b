"""Offers that an institution, or the center it hosts, makes by itself."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from centers.models import CenterInstitution
from exchanges.actions.offers import begin_offer, discard_offer
from exchanges.models import Offer
from notifications.models import Event
from tests.factories import CenterFactory, InstitutionFactory, InstitutionRoleFactory, OfferFactory, UserFactory

pytestmark = pytest.mark.django_db

DESK = "/desk/exchanges/offers/"
SOON = timezone.localdate() + datetime.timedelta(days=30)
WHOLE = {
    "title": "Two weeks on the glacier",
    "kind": "visit",
    "programme": "",
    "country": "PK",
    "city": "Gilgit",
    "description": "Measuring ice.",
    "paid": "Lodging.",
    "places": "3",
    "starts_on": str(SOON + datetime.timedelta(days=60)),
    "ends_on": str(SOON + datetime.timedelta(days=74)),
    "apply_by": f"{SOON}T17:00",
    "apply_by_zone": "Asia/Karachi",
}


@pytest.fixture
def host(db):
    return InstitutionFactory(name="Hill Academy")


@pytest.fixture
def focal_point(host):
    return InstitutionRoleFactory(institution=host).user


@pytest.fixture
def draft(host):
    return OfferFactory(institution=host, slug="glacier", title="Glacier")


def test_focal_point_makes_and_opens_an_offer(client, host, focal_point):
    client.force_login(focal_point)
    assert "Your offers" in client.get("/desk/exchanges/").content.decode()
    assert "No offer yet" in client.get(DESK).content.decode()
    begun = client.post(
        f"{DESK}new/", {"host": f"institution-{host.pk}", "kind": "visit", "title": "Two weeks on the glacier"}
    )
    offer = Offer.objects.get()
    assert begun["Location"] == f"{DESK}two-weeks-on-the-glacier/"
    assert (offer.institution, offer.country_id, offer.state) == (host, host.country_id, "draft")
    assert not Event.objects.exists()

    assert client.post(begun["Location"], WHOLE).status_code == 302
    offer.refresh_from_db()
    assert (offer.state, offer.places) == ("draft", 3)
    assert offer.apply_by.astimezone(datetime.UTC).hour == 12  # 17:00 in Karachi
    assert 'value="' + f"{SOON}T17:00" in client.get(begun["Location"]).content.decode()

    client.post(begun["Location"], {**WHOLE, "open": "1"})
    offer.refresh_from_db()
    assert offer.state == "open"
    assert Event.objects.get().kind == "offer.opened"
    assert "Change this offer" in client.get(offer.get_absolute_url()).content.decode()


def test_what_lacks_something_is_saved_and_not_opened(client, focal_point, draft):
    client.force_login(focal_point)
    response = client.post(f"{DESK}glacier/", {**WHOLE, "places": "", "open": "1"}, follow=True)

    assert "An open offer needs places." in response.content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.city) == ("draft", "Gilgit")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ends_on": "2020-01-01"}, "A stay cannot end before it starts."),
        ({"apply_by_zone": "Mars/Base"}, "is no time zone"),
        ({"title": ""}, "This field is required."),
        ({"title": "See https://evil.example"}, "There is a problem"),
        ({"places": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_the_field(client, focal_point, draft, fields, said):
    client.force_login(focal_point)
    response = client.post(f"{DESK}glacier/", {**WHOLE, **fields})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert "Measuring ice." in response.content.decode()
    draft.refresh_from_db()
    assert draft.city != "Gilgit"


def test_dates_of_an_open_offer_stay_and_its_text_can_change(client, focal_point, host):
    offer = OfferFactory(institution=host, slug="open", open=True)
    client.force_login(focal_point)
    page = client.get(f"{DESK}open/").content.decode()
    assert 'name="starts_on"' not in page

    client.post(f"{DESK}open/", {**WHOLE, "state": "draft", "institution": "1", "places_taken": "9"})

    after = Offer.objects.get()
    assert (after.city, after.places) == ("Gilgit", 3)
    assert (after.title, after.starts_on, after.state) == (offer.title, offer.starts_on, "open")
    assert (after.institution, after.places_taken) == (host, 0)


def test_fewer_places_than_are_taken_are_refused(client, focal_point, host):
    OfferFactory(institution=host, slug="open", open=True, places=3, places_taken=2)
    client.force_login(focal_point)

    response = client.post(f"{DESK}open/", {**WHOLE, "places": "1"})

    assert response.status_code == 422
    assert "More places are taken than that." in response.content.decode()


def test_form_that_was_open_while_a_place_was_taken_does_not_give_it_back(host):
    offer = OfferFactory(institution=host, open=True, places=3)
    Offer.objects.update(places_taken=1)

    offer.city = "Skardu"
    offer.save()

    offer.refresh_from_db()
    assert (offer.city, offer.places_taken) == ("Skardu", 1)


def test_offer_is_closed_and_not_thrown_away(client, focal_point, host):
    offer = OfferFactory(institution=host, slug="open", open=True)
    client.force_login(focal_point)
    client.post(f"{DESK}open/discard/")
    assert Offer.objects.get().state == "open"

    assert client.post(f"{DESK}open/close/", follow=True).status_code == 200
    offer.refresh_from_db()
    assert offer.state == "closed"
    client.post(f"{DESK}open/close/")  # twice is once
    assert Offer.objects.get().state == "closed"


def test_draft_is_thrown_away(client, focal_point, draft):
    client.force_login(focal_point)

    assert client.post(f"{DESK}glacier/discard/")["Location"] == DESK
    assert not Offer.objects.exists()


def test_host_of_a_center_offers_in_its_name(client, host, focal_point):
    center = CenterFactory(name="Center of Ice")
    CenterInstitution.objects.create(center=center, institution=host, role="host")
    client.force_login(focal_point)
    assert "Center of Ice" in client.get(f"{DESK}new/").content.decode()

    client.post(f"{DESK}new/", {"host": f"center-{center.pk}", "kind": "training", "title": "冰"})

    offer = Offer.objects.get()
    assert (offer.center, offer.institution) == (center, None)
    assert offer.slug == str(offer.pk)


def test_people_of_no_institution_find_nothing(client, draft):
    stranger, elsewhere = UserFactory(), InstitutionRoleFactory().user
    for user, status in [(stranger, 404), (elsewhere, 200)]:
        client.force_login(user)
        assert client.get(DESK).status_code == status
        assert client.get(f"{DESK}new/").status_code == status
        for address in ("", "close/", "discard/"):
            assert client.post(f"{DESK}glacier/{address}", WHOLE).status_code == 404
    assert "Glacier" not in client.get(DESK).content.decode()


def test_stranger_to_an_open_offer_may_see_and_not_change_it(client, host):
    OfferFactory(institution=host, slug="open", open=True)
    client.force_login(InstitutionRoleFactory().user)

    assert client.get("/exchanges/open/").status_code == 200
    assert "Change this offer" not in client.get("/exchanges/open/").content.decode()
    assert client.post(f"{DESK}open/", WHOLE).status_code == 403
    assert client.post(f"{DESK}open/close/").status_code == 403


def test_actions_ask_themselves(host, draft):
    stranger = InstitutionRoleFactory().user
    with pytest.raises(PermissionDenied):
        begin_offer(host=host, title="Mine", kind="visit", by=stranger)
    with pytest.raises(PermissionDenied):
        discard_offer(offer=draft, by=stranger)
    with pytest.raises(ValidationError):
        discard_offer(offer=OfferFactory(institution=host, open=True), by=UserFactory(roles=["officer"]))


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_offers_asks_as_much_for_one_as_for_three(
    client, host, focal_point, count, django_assert_max_num_queries
):
    OfferFactory.create_batch(count, institution=host)
    client.force_login(focal_point)
    client.get(DESK)

    with django_assert_max_num_queries(9):
        assert client.get(DESK).content.decode().count("<h2><a") == count


@pytest.mark.parametrize("missing", ["places", "apply_by"])
def test_open_offer_stays_complete(client, host, missing):
    """Although the form of an open offer has no first day, which the same rule asks for."""
    offer = OfferFactory(institution=host, open=True)
    client.force_login(InstitutionRoleFactory(institution=host).user)
    response = client.post(f"{DESK}{offer.slug}/", {**WHOLE, missing: ""})
    assert response.status_code == 422
    assert "An open offer needs places, a first day and a deadline." in response.content.decode()
    offer.refresh_from_db()
    assert offer.places
    assert offer.apply_by
