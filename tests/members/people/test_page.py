"""The page of a person, and profiles that are not public."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ThemeFactory, UserFactory
from tests.listing import rows
from tests.members.people.acts import LONG_AGO
from tests.pages import body, heading, linked_data, links, statements, title, words

pytestmark = pytest.mark.django_db


# --- The page


def test_page_tells_who_where_since_when_and_what(client):
    person = PersonFactory(
        name="Ayesha Malik",
        translations={"ur": "عائشہ ملک", "zh": "阿伊莎"},
        expertise=["glacier floods"],
        languages=["en", "ur"],
        orcid="0000-0002-1825-0097",
        biography="Studies ice.\n\nAnd <b>water</b>.",
    )
    theme = ThemeFactory(slug="water", name="Water")
    person.themes.add(theme)
    now = AffiliationFactory(person=person, position="Professor", starts_on=LONG_AGO, starts_precision="year")
    before = AffiliationFactory(
        person=person, position="Lecturer", starts_on="2015-03-01", starts_precision="month", ends_on="2019-12-31",
        ends_precision="year",
    )  # fmt: skip

    response = client.get(person.get_absolute_url())

    assert heading(response) == "Ayesha Malik"
    assert title(response).startswith("Ayesha Malik ·")
    text = words(response)
    assert "عائشہ ملک 阿伊莎" in text
    assert f"Professor, {now.institution.name}, Pakistan" in text
    assert f"from 2020 Professor, {now.institution.name} Mar 2015 – 2019 Lecturer, {before.institution.name}" in text
    assert "Languages English, Urdu" in text
    assert "About Studies ice. And <b>water</b>." in text
    assert "<p>Studies ice.</p>" in body(response)
    found = links(response)
    for address in (
        "/people/?expertise=glacier%20floods",
        "/themes/water/",
        now.institution.get_absolute_url(),
        before.institution.get_absolute_url(),
        "https://orcid.org/0000-0002-1825-0097",
        "/report/?about=" + person.get_absolute_url(),
    ):
        assert address in found, address
    assert client.get("/people/?expertise=glacier%20floods").context["listing"].total == 1


def test_page_is_linked_data(client, settings):
    person = PersonFactory(name="Ayesha Malik", expertise=["ice"], languages=["en"], orcid="0000-0002-1825-0097")
    work = AffiliationFactory(person=person, position="Professor")

    assert linked_data(client.get(person.get_absolute_url())) == {
        "@context": "https://schema.org",
        "@type": "Person",
        "@id": settings.PORTAL_BASE_URL + person.get_absolute_url(),
        "name": "Ayesha Malik",
        "jobTitle": ["Professor"],
        "affiliation": [
            {
                "@type": "ResearchOrganization",
                "@id": settings.PORTAL_BASE_URL + work.institution.get_absolute_url(),
                "name": work.institution.name,
            }
        ],
        "knowsAbout": ["ice"],
        "knowsLanguage": ["en"],
        "sameAs": "https://orcid.org/0000-0002-1825-0097",
    }


def test_sample_person_is_marked(client):
    assert "illustrative" in words(client.get(PersonFactory(illustrative=True).get_absolute_url()))
    assert "illustrative" not in words(client.get(PersonFactory().get_absolute_url()))


def test_no_page_holds_an_address_for_mail(client):
    user = UserFactory(email="ayesha@secret.example", name="Ayesha")
    person = PersonFactory(user=user)
    AffiliationFactory(person=person)
    client.force_login(UserFactory(roles=["officer"]))

    for address in ("/people/", person.get_absolute_url(), "/people/?format=json", "/people/lookup/?q=scientist"):
        assert "secret.example" not in body(client.get(address))


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24), ("officer", 24)])
def test_statements_of_the_page_stay_within_the_budget(client, who, budget):
    one, many = PersonFactory(), PersonFactory()
    for person, number in ((one, 1), (many, 12)):
        for _ in range(number):
            person.themes.add(ThemeFactory())
            AffiliationFactory(person=person)
            AffiliationFactory(person=person, ends_on=LONG_AGO)
    if who != "visitor":
        client.force_login(UserFactory(roles=["officer"] if who == "officer" else []))

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())


@pytest.mark.parametrize("address", ["/people/", "/people/lookup/?q=abc", "/people/somebody/"])
def test_people_can_only_be_read(client, address):
    PersonFactory(slug="somebody")
    client.force_login(UserFactory())

    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address).status_code == 405


# --- Profiles that are not public


def test_private_profile_is_for_its_person_and_the_secretariat(client):
    user = UserFactory()
    person = PersonFactory(user=user, is_public=False, name="Private Person")
    stranger, officer = UserFactory(), UserFactory(roles=["officer"])
    answers = {}
    for name, who in (("visitor", None), ("stranger", stranger), ("self", user), ("officer", officer)):
        if who:
            client.force_login(who)
        answers[name] = (client.get(person.get_absolute_url()).status_code, rows(client.get("/people/")))

    assert answers == {
        "visitor": (404, []),
        "stranger": (404, []),
        "self": (200, ["Private Person"]),
        "officer": (200, ["Private Person"]),
    }
    assert "Private Person not public" in words(client.get("/people/"))
    assert "not public" in words(client.get(person.get_absolute_url()))
    assert 'name="robots" content="noindex"' in body(client.get(person.get_absolute_url()))


def answer(client, address) -> tuple:
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode(errors="replace"))
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("Set-Cookie", "Content-Length", "X-Request-ID")
    }
    return response.status_code, text, headers, len(asked)


@pytest.mark.parametrize("who", ["visitor", "scientist"])
def test_t1_t4_world_with_a_private_person_is_the_same_as_one_without(client, who, three):
    institution, theme = InstitutionFactory(slug="hidden-institute"), ThemeFactory(slug="hidden-theme")
    if who == "scientist":
        client.force_login(UserFactory())
    terms = ["q=private", "q=secrecy", "q=隐士", "expertise=secrecy", "language=mn", "theme=hidden-theme"]
    addresses = [
        "/people/",
        *(f"/people/?{term}" for term in terms),
        "/people/?member=hidden-institute",
        "/people/?country=PK&sort=name&size=50",
        "/people/?page=2",
        "/people/private-person/",
        "/people/?format=csv",
        "/people/?format=json&q=private",
        "/people/lookup/?q=private",
        "/report/?about=/people/private-person/",
        "/search/?q=private+person",
        "/search/?q=0000-0002-1825-0097",
        "/sitemap.xml",
        "/sitemap-people-1.xml",
        institution.get_absolute_url(),
        theme.get_absolute_url(),
        "/countries/PK/",
        "/",
    ]
    without = [answer(client, address) for address in addresses]

    person = PersonFactory(
        slug="private-person",
        name="Private Person",
        translations={"zh": "隐士"},
        expertise=["secrecy", "drones"],
        languages=["mn"],
        orcid="0000-0002-1825-0097",
        is_public=False,
        user=UserFactory(),
    )
    person.themes.add(theme)
    AffiliationFactory(person=person, institution=institution)

    for address, before in zip(addresses, without, strict=True):
        assert answer(client, address) == before, address
    person.is_public = True  # the control: what is compared does hold people
    person.save()
    changed = [a for a, before in zip(addresses, without, strict=True) if answer(client, a) != before]
    assert len(changed) > 12
