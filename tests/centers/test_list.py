"""The list of centers."""

import datetime

import pytest

from tests.factories import CenterFactory, InstitutionFactory, ThemeFactory
from tests.listing import exported, facet, rows, selected
from tests.pages import words

pytestmark = pytest.mark.django_db

TODAY = datetime.date.today()


@pytest.fixture
def three(db):
    water = ThemeFactory(slug="water", name="Water")
    ant = CenterFactory(
        name="Ant",
        acronym="ANT",
        sites=["PK", "PK", "NP"],
        fields=["geology", "ice"],
        summary="Glaciers of the Karakoram",
    )
    ant.themes.add(water)
    host = InstitutionFactory(slug="qau", name="Quaid")
    ant.participations.create(role="host", institution=host, name_as_given="Quaid-i-Azam University")
    ant.participations.create(role="lead", institution=host, name_as_given="Quaid-i-Azam")
    ant.participations.create(role="lead", name_as_given="Somebody else")
    CenterFactory(name="Bee", sites=["NP"])
    CenterFactory(name="Cat", sites=["LK"], closed_on=TODAY)


def test_active_centers_are_listed_unless_others_are_asked_for(client, three):
    assert rows(client.get("/centers/")) == ["Ant", "Bee"]
    assert selected(client.get("/centers/"), "status") == ["active"]
    assert rows(client.get("/centers/?status=closed")) == ["Cat"]
    assert rows(client.get("/centers/?status=closed&status=active")) == ["Ant", "Bee", "Cat"]
    assert facet(client.get("/centers/"), "status") == {"active": 2, "closed": 1}


def test_a_center_closes_on_its_day(client):
    CenterFactory(name="Ant", closed_on=TODAY + datetime.timedelta(days=1))

    assert rows(client.get("/centers/")) == ["Ant"]


def test_centers_are_narrowed_by_country_of_any_site_theme_and_institution(client, three):
    assert rows(client.get("/centers/?country=NP")) == ["Ant", "Bee"]
    assert rows(client.get("/centers/?country=PK")) == ["Ant"]
    assert rows(client.get("/centers/?theme=water")) == ["Ant"]
    assert rows(client.get("/centers/?member=qau")) == ["Ant"]


def test_a_center_counts_once_for_each_country_and_institution(client, three):
    response = client.get("/centers/")

    assert facet(response, "country") == {"NP": 2, "PK": 1}
    assert facet(response, "member") == {"qau": 1}
    assert facet(response, "theme") == {"water": 1}


def test_centers_are_found_by_words_of_their_names_fields_and_summaries(client, three):
    for text in ["ant", "geology", "karakoram glaciers", "glac*", "ANT ice"]:
        assert rows(client.get("/centers/", {"q": text})) == ["Ant"]


def test_a_row_says_where_who_hosts_and_what_it_works_on(client, three):
    assert "Ant ANT Pakistan, Nepal Hosted by Quaid-i-Azam University geology, ice" in words(client.get("/centers/"))


def test_a_row_says_since_when_and_whether_it_is_closed(client):
    CenterFactory(name="Bee", established_on="2012-01-01", established_precision="year", closed_on="2020-01-01")

    assert "Bee closed Pakistan since 2012" in words(client.get("/centers/?status=closed"))


def test_centers_are_ordered_by_name_or_age(client):
    CenterFactory(name="Bee", established_on="2012-01-01")
    CenterFactory(name="Ant", established_on="2014-01-01")
    CenterFactory(name="Cat")

    assert rows(client.get("/centers/")) == ["Ant", "Bee", "Cat"]
    assert rows(client.get("/centers/?sort=-established")) == ["Ant", "Bee", "Cat"]
    assert rows(client.get("/centers/?sort=established")) == ["Bee", "Ant", "Cat"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_file_holds_the_rows_of_the_list(client, three, kind):
    for address in ["/centers/", "/centers/?status=closed", "/centers/?country=PK"]:
        assert [row["name"] for row in exported(client, address, kind)] == rows(client.get(address))


def test_a_file_has_the_promised_columns(client, three, settings):
    row = exported(client, "/centers/?country=PK", "json")[0]

    assert row == {
        "slug": row["slug"],
        "name": "Ant",
        "acronym": "ANT",
        "status": "active",
        "countries": ["PK", "NP"],
        "hosts": ["Quaid-i-Azam University"],
        "lead_institutes": ["Quaid-i-Azam", "Somebody else"],
        "fields": ["geology", "ice"],
        "themes": ["water"],
        "established": None,
        "established_precision": "unknown",
        "closed": None,
        "website": "",
        "summary": "Glaciers of the Karakoram",
        "source": "",
        "address": f"{settings.PORTAL_BASE_URL}/centers/{row['slug']}/",
    }
