"""A profile is written, shown and hidden."""

import re

import pytest

from members.models import Person
from tests.desk import fields
from tests.factories import AffiliationFactory, PersonFactory, ThemeFactory, UserFactory
from tests.listing import rows
from tests.members.profile.acts import PAGE, save
from tests.pages import heading, title, words

pytestmark = pytest.mark.django_db


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
