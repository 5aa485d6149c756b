"""Whose profile it is, and who hears of it."""

import pytest

from members.actions.profiles import hide_profile, save_affiliation
from members.models import Affiliation, Person
from notifications.following import follow_topic
from notifications.models import Event, Follow, Notification
from notifications.topics import resolve
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ThemeFactory, UserFactory
from tests.members.profile.acts import PAGE, save
from tests.pages import body, links, statements

pytestmark = pytest.mark.django_db


# --- Who may not


def test_visitor_is_asked_to_sign_in(client):
    own = AffiliationFactory()
    for address in (
        PAGE,
        "/desk/profile/preview/",
        "/desk/profile/affiliations/add/",
        f"/desk/profile/affiliations/{own.pk}/",
    ):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    for address in (PAGE, "/desk/profile/show/", "/desk/profile/hide/", f"/desk/profile/affiliations/{own.pk}/remove/"):
        assert client.post(address)["Location"].startswith("/accounts/login/")
    assert Affiliation.objects.count() == 1


@pytest.mark.parametrize("roles", [[], ["officer"], ["administrator"]])
def test_affiliations_of_others_are_not_found_here(client, roles):
    own = AffiliationFactory()
    user = UserFactory(roles=roles)
    PersonFactory(user=user)
    client.force_login(user)

    assert client.get(f"/desk/profile/affiliations/{own.pk}/").status_code == 404
    assert client.post(f"/desk/profile/affiliations/{own.pk}/", {"position": "Thief"}).status_code == 404
    assert client.post(f"/desk/profile/affiliations/{own.pk}/remove/").status_code == 404
    own.refresh_from_db()
    assert own.position == ""


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 40])
def test_t37_number_that_is_none_is_not_found(me, person, number):
    assert me.get(f"/desk/profile/affiliations/{number}/").status_code == 404


def test_wrong_methods_are_refused(me, person):
    own = AffiliationFactory(person=person)

    for address in ("/desk/profile/show/", "/desk/profile/hide/", f"/desk/profile/affiliations/{own.pk}/remove/"):
        assert me.get(address).status_code == 405
    for address in (PAGE, "/desk/profile/affiliations/add/", f"/desk/profile/affiliations/{own.pk}/"):
        assert me.delete(address).status_code == 405
    assert me.post("/desk/profile/preview/").status_code == 405


def test_statements_stay_within_the_budget(me, person):
    AffiliationFactory(person=person)
    person.themes.add(ThemeFactory())
    pages = (PAGE, "/desk/profile/preview/", "/desk/profile/affiliations/add/?q=institution")
    costs = [statements(me, page) for page in pages]
    for _ in range(12):
        AffiliationFactory(person=person)
        person.themes.add(ThemeFactory())

    assert [statements(me, page) for page in pages] == costs
    assert max(costs) <= 24


def test_profile_stands_in_the_menu_and_at_the_desk(me):
    assert 'href="/desk/profile/"' in body(me.get("/about/"))
    assert PAGE in links(me.get("/desk/"))


# --- Those who follow a person


@pytest.fixture
def public(person):
    person.is_public = True
    person.save()
    return person


def followed_by_somebody(person):
    reader = UserFactory()
    follow_topic(topic=resolve(person.topic), by=reader)
    return reader


def test_followers_hear_once_a_day_that_a_public_profile_has_changed(me, public):
    reader = followed_by_somebody(public)
    save(me, expertise="Hydrology")
    save(me, expertise="Hydrology\nGlaciers")

    told = Notification.objects.get(subscriber__user=reader)
    assert told.event.headline == "New in the profile of Ayesha Malik"
    assert told.mail == "daily"

    Event.objects.update(created_at="2026-01-01T00:00Z")
    save(me, expertise="Soil")
    assert Notification.objects.filter(subscriber__user=reader).count() == 2


def test_what_changes_nothing_or_is_not_public_is_no_news(me, public):
    followed_by_somebody(public)
    save(me)
    assert not Event.objects.exists()

    Person.objects.update(is_public=False)
    save(me, expertise="Hydrology")
    assert not Event.objects.exists()


def test_where_a_person_works_is_news_too(me, public, user):
    followed_by_somebody(public)
    save_affiliation(affiliation=Affiliation(person=public, institution=InstitutionFactory()), by=user)
    assert Event.objects.get().kind == "person.changed"


def test_a_profile_that_is_hidden_is_followed_by_nobody(me, public, user):
    reader = followed_by_somebody(public)
    save(me, expertise="Hydrology")
    hide_profile(person=public, by=user)

    assert not Follow.objects.exists()
    assert resolve(public.topic) is None
    assert Notification.objects.get(subscriber__user=reader).mail == "off"


def test_a_person_is_followed_from_their_page(client, public):
    client.force_login(UserFactory())
    page = client.get(public.get_absolute_url()).content.decode()
    assert f'name="topic" value="{public.topic}"' in page
