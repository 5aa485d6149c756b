"""The list of exchange offers."""

import datetime

import pytest
from django.utils import timezone

from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProgrammeFactory,
    ThemeFactory,
    UserFactory,
)
from tests.listing import exported, facet, rows
from tests.pages import body, words
from vocabularies.models import Country

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def in_days(number):
    return timezone.now() + number * DAY + datetime.timedelta(hours=1)


@pytest.fixture
def four(db):
    OfferFactory(title="Later", open=True, apply_by=in_days(40))
    OfferFactory(title="Sooner", open=True, apply_by=in_days(5))
    OfferFactory(title="Past", open=True, apply_by=in_days(-3))
    OfferFactory(title="Closed early", state="closed", apply_by=in_days(60))
    OfferFactory(title="Long past", state="closed", apply_by=in_days(-300))


def test_open_offers_come_first_and_the_closed_ones_stand_below(client, four):
    response = client.get("/exchanges/")

    assert rows(response) == ["Sooner", "Later", "Closed early", "Past", "Long past"]
    text = words(response)
    assert text.index(" Open Sooner") < text.index(" Closed Closed early")


def test_open_offers_come_first_in_every_order(client, four):
    assert rows(client.get("/exchanges/?sort=name")) == ["Later", "Sooner", "Closed early", "Long past", "Past"]
    assert "Sort by deadline begins first begins last title" in words(client.get("/exchanges/"))


def test_a_page_that_begins_among_the_closed_ones_says_so(client):
    OfferFactory(open=True)
    for number in range(25):
        OfferFactory(title=f"C{number:02}", state="closed")

    text = words(client.get("/exchanges/?sort=name&page=2"))

    assert "Closed C24" in text
    assert " Open " not in text.partition("Show results")[2]


def test_status_follows_the_clock_of_the_database(client, four):
    assert rows(client.get("/exchanges/?status=open")) == ["Sooner", "Later"]
    assert rows(client.get("/exchanges/?status=closed")) == ["Closed early", "Past", "Long past"]
    assert facet(client.get("/exchanges/?status=open"), "status") == {"open": 2, "closed": 3}


def test_a_row_says_what_who_where_how_many_and_until_when(client):
    OfferFactory(
        title="Visiting fellow",
        open=True,
        kind="fellowship",
        institution=InstitutionFactory(name="Universidade"),
        country_id="BR",
        city="Belém",
        places=2,
        starts_on=datetime.date(2027, 3, 1),
        ends_on=datetime.date(2027, 5, 31),
        apply_by=in_days(23),
        illustrative=True,
    )

    deadline = in_days(23)
    day = f"{deadline.day} {deadline:%b %Y}"
    assert (
        f"Visiting fellow closes in 23 days fellowship Universidade Belém, Brazil → 2 places 1 Mar – 31 May 2027 "
        f"apply by {day} illustrative" in words(client.get("/exchanges/"))
    )


def test_an_offer_that_closes_soon_is_marked(client):
    OfferFactory(open=True, apply_by=timezone.now() + datetime.timedelta(hours=5, minutes=10))

    assert '<span class="chip warn">closes in 5 hours</span>' in body(client.get("/exchanges/"))


def test_the_deadline_is_told_as_the_reader_s_day(client):
    OfferFactory(open=True, apply_by=datetime.datetime(2030, 1, 10, 20, 0, tzinfo=datetime.UTC))
    client.force_login(UserFactory(time_zone="Asia/Shanghai"))

    assert "apply by 11 Jan 2030" in words(client.get("/exchanges/"))


def test_the_host_is_the_center_where_there_is_one(client):
    OfferFactory(open=True, center=CenterFactory(name="Joint Center"), institution=InstitutionFactory(name="Quaid"))

    text = words(client.get("/exchanges/")).partition("Rows")[2]
    assert "Joint Center" in text
    assert "Quaid" not in text


def test_offers_are_narrowed_by_what_and_where(client):
    water = ThemeFactory(slug="water")
    center = CenterFactory(slug="cpjrc")
    qau = InstitutionFactory(slug="qau")
    ant = OfferFactory(
        title="Ant", open=True, kind="training", country_id="NP", center=center, institution=qau, starts_on="2027-02-01"
    )
    ant.themes.add(water)
    OfferFactory(title="Bee", open=True, starts_on="2026-12-01", ends_on="2027-01-31")

    for query in ["kind=training", "country=NP", "theme=water", "center=cpjrc", "member=qau"]:
        assert rows(client.get(f"/exchanges/?{query}")) == ["Ant"], query
    assert rows(client.get("/exchanges/?year=2026")) == ["Bee"]
    assert rows(client.get("/exchanges/?year=2027&sort=name")) == ["Ant", "Bee"]
    assert rows(client.get("/exchanges/?year=2028")) == []
    response = client.get("/exchanges/")
    assert facet(response, "kind") == {"training": 1, "visit": 1}
    assert facet(response, "country") == {"NP": 1, "PK": 1}
    assert facet(response, "theme") == {"water": 1}
    assert facet(response, "center") == {"cpjrc": 1}
    assert facet(response, "member")["qau"] == 1


def test_an_offer_without_an_end_takes_place_in_the_year_it_begins(client):
    OfferFactory(title="Ant", state="closed", starts_on="2020-05-01")

    assert rows(client.get("/exchanges/?year=2020")) == ["Ant"]
    assert rows(client.get("/exchanges/?year=2021")) == []


def test_offers_are_found_by_words(client):
    OfferFactory(title="Training in landslides", open=True, description="Rapid assessment by drones", city="Islamabad")

    for text in ["landslide", "rapid drones", "islamabad", "landslydes"]:
        assert rows(client.get("/exchanges/", {"q": text})) == ["Training in landslides"]


# --- Drafts


@pytest.mark.parametrize("who", ["visitor", "stranger"])
def test_a_draft_is_nowhere_for_those_who_may_not_know_of_it(client, who):
    OfferFactory(title="Secret", country_id="NP")
    if who == "stranger":
        client.force_login(UserFactory())

    for query in ["", "?q=secret", "?status=draft", "?status=closed", "?country=NP"]:
        response = client.get(f"/exchanges/{query}")
        assert rows(response) == []
        assert sum(sum(facet(response, name).values()) for name in ["status", "kind", "country", "member"]) == 0
        for kind in ["csv", "xlsx", "json"]:
            assert exported(client, f"/exchanges/{query}", kind) == []


@pytest.mark.parametrize("who", ["host", "host of the center", "officer"])
def test_a_draft_stands_between_open_and_closed_offers_for_its_people(client, who, four):
    institution = InstitutionFactory()
    center = CenterFactory()
    center.participations.create(role="host", institution=institution, name_as_given="Host")
    if who == "host of the center":
        OfferFactory(title="Secret", center=center, institution=None)
    else:
        OfferFactory(title="Secret", institution=institution)
    user = UserFactory(roles=["officer"] if who == "officer" else [])
    if who != "officer":
        InstitutionRoleFactory(user=user, institution=institution)
    client.force_login(user)

    response = client.get("/exchanges/")

    assert rows(response) == ["Sooner", "Later", "Secret", "Closed early", "Past", "Long past"]
    assert "Not yet published Secret not yet published visit" in words(response)
    assert facet(response, "status") == {"closed": 3, "open": 2, "draft": 1}
    assert [row["title"] for row in exported(client, "/exchanges/?status=draft", "json")] == ["Secret"]


# --- Files


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_file_holds_the_rows_of_the_list_in_their_order(client, four, kind):
    for address in ["/exchanges/", "/exchanges/?status=closed", "/exchanges/?sort=name"]:
        assert [row["title"] for row in exported(client, address, kind)] == rows(client.get(address))


def test_a_file_has_the_promised_columns(client, settings):
    offer = OfferFactory(
        slug="ant",
        title="Ant",
        open=True,
        institution=InstitutionFactory(name="QAU"),
        center=CenterFactory(name="Joint Center"),
        programme=ProgrammeFactory(name="Talent"),
        apply_by=datetime.datetime(2030, 1, 10, 20, 0, tzinfo=datetime.UTC),
        apply_by_zone="Asia/Karachi",
        starts_on="2030-03-01",
        ends_on="2030-05-31",
        description="Text",
    )
    offer.themes.add(ThemeFactory(slug="water"))
    offer.eligible_countries.set(Country.objects.filter(pk__in=["NP", "LK"]))

    (row,) = exported(client, "/exchanges/", "json")

    assert row == {
        "slug": "ant",
        "title": "Ant",
        "kind": "visit",
        "status": "open",
        "institution": "QAU",
        "center": "Joint Center",
        "country": "PK",
        "city": "",
        "places": 2,
        "start": "2030-03-01",
        "end": "2030-05-31",
        "apply_by": "2030-01-10T20:00:00Z",
        "apply_by_zone": "Asia/Karachi",
        "open_to": ["LK", "NP"],
        "themes": ["water"],
        "programme": "Talent",
        "description": "Text",
        "paid": "",
        "illustrative": False,
        "source": "",
        "address": f"{settings.PORTAL_BASE_URL}/exchanges/ant/",
    }
