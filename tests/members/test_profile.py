"""The own profile: written by its person alone, seen by nobody else until they say so."""

import datetime
import re

import pytest

from members.actions.profiles import hide_profile, save_affiliation
from members.models import Affiliation, Person
from notifications.following import follow_topic
from notifications.models import Event, Follow, Notification
from notifications.topics import resolve
from tests.desk import fields
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ThemeFactory, UserFactory
from tests.listing import rows
from tests.pages import body, heading, links, statements, title, words

pytestmark = pytest.mark.django_db

PAGE = "/desk/profile/"
LONG_AGO = datetime.date(2020, 1, 1)


@pytest.fixture
def user():
    return UserFactory(name="Ayesha Malik")


@pytest.fixture
def person(user):
    return PersonFactory(user=user, name="Ayesha Malik", is_public=False)


@pytest.fixture
def me(client, user):
    client.force_login(user)
    return client


def save(client, **changes):
    """What stands on the page is sent back, but for the changes."""
    return client.post(PAGE, fields(client.get(PAGE)) | changes)


# --- Writing it


def test_looking_makes_no_profile(me):
    response = me.get(PAGE)

    assert response.status_code == 200
    assert fields(response)["name"] == ["Ayesha Malik"]
    assert "stays with you and the secretariat until you make it public" in words(response)
    assert not Person.objects.exists()


def test_first_saving_makes_a_profile_that_nobody_else_sees(me, user, client):
    water = ThemeFactory(name="Water")

    response = save(
        me,
        new_language="ur",
        new_name="عائشہ ملک",
        expertise="glacier  floods\n\n drones \ndrones",
        themes=[water.pk],
        languages=["en", "ur"],
        another_language="bo",
        orcid="https://orcid.org/0000-0002-1825-0097",
        biography="Studies ice.\r\n\r\nAnd water.",
    )

    assert (response.status_code, response["Location"]) == (302, PAGE)
    person = Person.objects.get()
    assert (person.user, person.name, person.is_public, person.illustrative) == (user, "Ayesha Malik", False, False)
    assert person.translations == {"ur": "عائشہ ملک"}
    assert person.expertise == ["glacier floods", "drones"]
    assert list(person.themes.all()) == [water]
    assert person.languages == ["en", "ur", "bo"]
    assert person.orcid == "0000-0002-1825-0097"
    assert person.biography == "Studies ice.\n\nAnd water."
    assert "ayesha" not in person.slug
    client.logout()
    assert client.get(person.get_absolute_url()).status_code == 404
    assert rows(client.get("/people/")) == []


def test_saving_what_stands_there_changes_nothing(me, person):
    person.translations, person.expertise, person.languages = {"ur": "عائشہ", "zh-Hant": "陳"}, ["ice"], ["en", "xal"]
    person.save()
    before = Person.objects.values().get()

    assert save(me).status_code == 302
    assert Person.objects.values().get() == before


def test_name_in_a_language_is_changed_and_taken_away(me, person):
    person.translations = {"ur": "عائشہ", "zh": "陈"}
    person.save()

    save(me, name_ur="عائشہ ملک", name_zh="")

    assert Person.objects.get().translations == {"ur": "عائشہ ملک"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "Name: This field is required."),
        ({"name": "<b>Ayesha</b>"}, "A name cannot hold “<”."),
        ({"name": "Ayesha https://evil.example"}, "A name cannot hold a web address"),
        ({"name": "Aye\u202esha"}, "There is a character that cannot be seen"),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"new_language": "ur", "new_name": "عائ\u200bشہ"}, "There is a character that cannot be seen"),
        ({"new_name": "عائشہ"}, "Choose the language of this name."),
        ({"new_language": "ur"}, "Write the name in this language."),
        ({"new_language": "xx", "new_name": "A"}, "Select a valid choice."),
        ({"expertise": "\n".join(f"field {n}" for n in range(21))}, "Name at most 20 fields."),
        ({"expertise": "x" * 61}, "a field of work has at most 60 characters"),
        ({"expertise": "see http://evil.example"}, "A name cannot hold a web address"),
        ({"expertise": "a\x00b"}, "Null characters are not allowed."),
        ({"biography": "a\x00b"}, "Null characters are not allowed."),
        ({"biography": "x" * 5001}, "at most 5000 characters"),
        ({"themes": ["999999"]}, "Select a valid choice."),
        ({"themes": ["x\x00"]}, "Themes: "),
        ({"languages": ["xx"]}, "Select a valid choice."),
        ({"another_language": "xx"}, "Select a valid choice."),
        ({"orcid": "0000-0002-1825-0098"}, "This ORCID iD has a typing error"),
        ({"orcid": "0000 0001 2281 955X"}, "it may be an ISNI"),
        ({"orcid": "Ayesha"}, "This is not an ORCID iD"),
    ],
)
def test_what_is_wrong_is_said_and_the_text_kept(me, person, changes, problem):
    before = Person.objects.values().get()

    response = save(me, **{"biography": "Kept text.", **changes})

    assert response.status_code == 422
    assert problem in words(response)
    assert title(response).startswith("Error:")
    if "biography" not in changes:
        assert fields(response)["biography"] == ["Kept text."]
    assert Person.objects.values().get() == before


def test_t17_fields_that_the_form_does_not_have_are_left_alone(me, person, user):
    other = UserFactory()

    response = save(
        me,
        slug="taken-over",
        user=other.pk,
        user_id=other.pk,
        is_public="on",
        illustrative="on",
        sort_key="a",
        names_folded="b",
        pk="1",
        id="1",
        translations='{"zh": "x"}',
        accepts_messages="",
    )

    assert response.status_code == 302
    kept = Person.objects.get()
    assert (kept.slug, kept.user, kept.is_public, kept.illustrative) == (person.slug, user, False, False)
    assert kept.translations == {}
    assert kept.sort_key.startswith("ayesha")


def test_second_window_is_told_what_the_first_one_saved(me, person):
    first = second = fields(me.get(PAGE))
    me.post(PAGE, first | {"biography": "From the first window.", "expertise": "ice"})

    response = me.post(
        PAGE, second | {"biography": "From the second window.", "new_language": "ur", "new_name": "عائشہ"}
    )

    assert response.status_code == 409
    text = words(response)
    assert "Your profile has changed meanwhile" in text
    assert "About you From the first window." in text
    assert fields(response)["biography"] == ["From the second window."]
    assert Person.objects.get().biography == "From the first window."
    assert me.post(PAGE, fields(response)).status_code == 302  # now that both were seen
    assert Person.objects.get().biography == "From the second window."


def test_double_click_does_no_harm(me):
    data = fields(me.get(PAGE)) | {"biography": "Ice."}

    assert [me.post(PAGE, data).status_code for _ in range(2)] == [302, 302]
    assert Person.objects.get().biography == "Ice."


# --- Showing and hiding it


def test_profile_becomes_public_with_an_address_made_of_its_name(me, client):
    save(me)
    page = me.get(PAGE)
    assert "If you make it public, anybody can read and find these" in words(page)

    response = me.post("/desk/profile/show/")

    person = Person.objects.get()
    assert (response.status_code, person.is_public, person.slug) == (302, True, "ayesha-malik")
    client.logout()
    assert heading(client.get("/people/ayesha-malik/")) == "Ayesha Malik"
    assert rows(client.get("/people/")) == ["Ayesha Malik"]


def test_hidden_profile_is_gone_for_others_and_keeps_its_address(me, client, user):
    save(me)
    me.post("/desk/profile/show/")
    assert me.post("/desk/profile/hide/").status_code == 302
    client.logout()
    assert client.get("/people/ayesha-malik/").status_code == 404

    client.force_login(user)
    save(client, name="Ayesha Khan")
    client.post("/desk/profile/show/")

    person = Person.objects.get()
    assert (person.slug, person.name) == ("ayesha-malik", "Ayesha Khan")


def test_namesake_takes_the_country_and_then_a_number(me):
    PersonFactory(slug="ayesha-malik", name="Ayesha Malik")
    save(me)
    AffiliationFactory(person=Person.objects.get(user__name="Ayesha Malik"), institution__country_id="PK")

    me.post("/desk/profile/show/")

    assert Person.objects.get(user__name="Ayesha Malik").slug == "ayesha-malik-pk"


@pytest.mark.parametrize(
    ("name", "translations", "slug"),
    [("李焕", {"en": "Li Huan"}, r"li-huan"), ("李焕", {}, r"person-[0-9a-f]{8}"), ("Edit", {}, r"edit-2")],
)
def test_name_without_latin_letters_takes_an_address_that_counts_nobody(me, user, name, translations, slug):
    save(me)
    Person.objects.update(name=name, translations=translations)

    me.post("/desk/profile/show/")

    assert re.fullmatch(slug, Person.objects.get().slug)


def test_orcid_that_a_public_profile_shows_cannot_be_shown_twice(me, person):
    PersonFactory(orcid="0000-0002-1825-0097")
    assert save(me, orcid="0000-0002-1825-0097").status_code == 302  # while it is private, nobody is asked

    response = me.post("/desk/profile/show/", follow=True)

    assert "Another public profile shows this ORCID iD." in words(response)
    assert not Person.objects.get(pk=person.pk).is_public
    save(me, orcid="")
    me.post("/desk/profile/show/")
    response = save(me, orcid="0000-0002-1825-0097")
    assert (response.status_code, Person.objects.get(pk=person.pk).orcid) == (422, None)
    assert "Another public profile shows this ORCID iD." in words(response)


def test_orcid_of_a_private_profile_is_not_betrayed(me, person):
    PersonFactory(orcid="0000-0002-1825-0097", is_public=False)

    assert save(me, orcid="0000-0002-1825-0097").status_code == 302
    me.post("/desk/profile/show/")
    assert Person.objects.get(pk=person.pk).is_public


def test_preview_shows_what_others_would_see(me, person):
    AffiliationFactory(person=person, position="Professor")

    response = me.get("/desk/profile/preview/")

    text = words(response)
    assert "This is what others would see. Now it is not public." in text
    assert "Professor" in text
    assert "not public" not in text.replace("Now it is not public", "")
    assert me.get("/desk/profile/").status_code == 200
    person.is_public = True
    person.save()
    assert "This is what others see." in words(me.get("/desk/profile/preview/"))


def test_without_a_profile_there_is_nothing_to_preview_show_or_add_to(me):
    assert me.get("/desk/profile/preview/").status_code == 404
    assert me.get("/desk/profile/affiliations/add/").status_code == 404
    assert me.post("/desk/profile/show/").status_code == 404
    assert me.post("/desk/profile/hide/").status_code == 404


# --- Affiliations


def test_institution_is_looked_up_by_any_name_and_chosen_from_the_registry(me, person):
    academy = InstitutionFactory(name="Academy", slug="academy", names=[("科学院", "zh", "label")], ror="05qrfxd25")
    InstitutionFactory(name="Academy of old", record_status="inactive")

    for text in ("academy", "科学院", "05qrfxd25"):
        response = me.get("/desk/profile/affiliations/add/", {"q": text})
        assert links(response).count("/desk/profile/affiliations/add/?institution=academy") == 1, text
        assert "of old" not in words(response)
    response = me.post(
        "/desk/profile/affiliations/add/?institution=academy",
        {"position": "Professor", "starts": "2019-02", "ends": ""},
    )

    assert (response.status_code, response["Location"]) == (302, PAGE)
    own = Affiliation.objects.get()
    assert (own.person, own.institution, own.position) == (person, academy, "Professor")
    assert (own.starts_on, own.starts_precision, own.ends_on) == (datetime.date(2019, 2, 1), "month", None)
    assert "from Feb 2019 Professor, Academy" in words(me.get(PAGE))


def test_unknown_institution_leads_to_the_secretariat(me, person):
    response = me.get("/desk/profile/affiliations/add/?q=zzzzqqqq")

    assert "No institution has this name" in words(response)
    assert "/report/" in links(response)
    for slug in ("nowhere", "a\x00b", ""):
        found = me.post("/desk/profile/affiliations/add/", {}, query_params={"institution": slug})
        assert found.status_code == (404 if slug else 302)
    assert not Affiliation.objects.exists()


def test_who_leaves_ends_the_affiliation_and_keeps_it(me, person):
    own = AffiliationFactory(person=person, starts_on=LONG_AGO, starts_precision="year", position="Lecturer")
    page = f"/desk/profile/affiliations/{own.pk}/"

    response = me.post(page, fields(me.get(page)) | {"ends": "2022"})

    assert response.status_code == 302
    own.refresh_from_db()
    assert (own.ends_on, own.ends_precision, own.starts_precision) == (datetime.date(2022, 12, 31), "year", "year")
    assert "2020–2022 Lecturer" in words(me.get(PAGE))
    assert not Affiliation.objects.current().exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"starts": "12/2019"}, "Write a date as 2014, 2014-02 or 2014-02-28."),
        ({"ends": "2019-13"}, "Write a date as 2014"),
        ({"starts": "0000"}, "Write a date as 2014"),
        ({"starts": "2019", "ends": "2018"}, "An affiliation cannot end before it begins."),
        ({"starts": "9999"}, "This day is still to come"),
        ({"position": "x" * 201}, "at most 200 characters"),
        ({"position": "Prof <script>"}, "A name cannot hold “<”."),
        ({"position": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_with_an_affiliation_is_said(me, person, changes, problem):
    InstitutionFactory(slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"position": "P", **changes})

    assert response.status_code == 422
    assert problem in words(response)
    assert not Affiliation.objects.exists()


def test_one_year_may_begin_and_end_an_affiliation(me, person):
    InstitutionFactory(slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"starts": "2019-05", "ends": "2019"})

    assert response.status_code == 302
    assert "May 2019 – 2019" in words(me.get(PAGE))


def test_second_window_on_an_affiliation_is_told_what_the_first_one_saved(me, person):
    own = AffiliationFactory(person=person)
    page = f"/desk/profile/affiliations/{own.pk}/"
    first = second = fields(me.get(page))
    me.post(page, first | {"position": "Lecturer"})

    response = me.post(page, second | {"position": "Professor"})

    assert response.status_code == 409
    assert "This affiliation has changed meanwhile" in words(response)
    assert "today Lecturer" in words(response)
    assert fields(response)["position"] == ["Professor"]
    own.refresh_from_db()
    assert own.position == "Lecturer"
    assert me.post(page, fields(response)).status_code == 302


def test_t17_affiliation_stays_with_its_person_and_institution(me, person):
    own = AffiliationFactory(person=person)
    other, elsewhere = PersonFactory(), InstitutionFactory()
    page = f"/desk/profile/affiliations/{own.pk}/"

    me.post(
        page, fields(me.get(page)) | {"person": other.pk, "institution": elsewhere.pk, "institution_id": elsewhere.pk}
    )

    kept = Affiliation.objects.get()
    assert (kept.person, kept.institution) == (person, own.institution)


def test_affiliation_entered_by_mistake_is_removed(me, person):
    own = AffiliationFactory(person=person)

    assert me.post(f"/desk/profile/affiliations/{own.pk}/remove/").status_code == 302
    assert not Affiliation.objects.exists()
    assert me.post(f"/desk/profile/affiliations/{own.pk}/remove/").status_code == 404


def test_there_is_an_end_to_affiliations(me, person, monkeypatch):
    monkeypatch.setattr("members.actions.profiles.MOST_AFFILIATIONS", 1)
    AffiliationFactory(person=person, institution__slug="academy")

    response = me.post("/desk/profile/affiliations/add/?institution=academy", {"position": "P"})

    assert response.status_code == 422
    assert "That are very many affiliations" in words(response)


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
