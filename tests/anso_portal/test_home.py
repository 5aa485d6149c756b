import datetime

import pytest
from django.utils import timezone

from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProjectFactory,
    ThemeFactory,
)
from tests.listing import exported
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db


def figures(response) -> dict[str, tuple[int, str]]:
    return {label: (number, url) for number, label, url in response.context["figures"]}


def test_figures_count_what_their_lists_hold(client):
    InstitutionFactory(member=True, country_id="PK")
    InstitutionFactory(member=True, country_id="NP")
    InstitutionFactory(member=True, record_status="withdrawn")
    InstitutionFactory()
    CenterFactory()
    CenterFactory(closed_on=datetime.date(2020, 1, 1))
    ProjectFactory()
    ProjectFactory(published_at=None)
    OfferFactory(open=True)
    OfferFactory(open=True, apply_by=timezone.now() - datetime.timedelta(hours=1))
    OfferFactory()

    found = figures(client.get("/"))

    assert {label: number for label, (number, _url) in found.items()} == {
        "member institutions": 2,
        "countries with members": 2,
        "center": 1,
        "project": 1,
        "open exchange": 1,
    }
    for number, url in found.values():
        if url != "#countries":
            assert len(exported(client, url, "json")) == number


def test_countries_lead_to_their_members(client):
    InstitutionFactory(member=True, country_id="NP")
    InstitutionFactory(member=True, country_id="AT")

    response = client.get("/")

    assert "Countries with members Austria 1 Nepal 1" in words(response)
    assert 'id="countries"' in body(response)
    assert {"/countries/AT/", "/countries/NP/"} <= set(links(response))


def test_themes_count_the_projects_that_the_reader_may_see(client):
    theme = ThemeFactory(name="Climate change")
    ProjectFactory().themes.add(theme)
    ProjectFactory(published_at=None).themes.add(theme)

    assert "Themes Climate change 1" in words(client.get("/"))


def test_map_shows_members_centers_and_offers_where_they_are(client):
    lead = InstitutionFactory(name="Lead Institute", member=True, latitude="39.9", longitude="116.4")
    InstitutionFactory(name="Somewhere", member=True, country_id="BR")
    center = CenterFactory(name="Ecology Center", sites=["PK", "NP"])
    center.participations.create(role="lead", institution=lead, name_as_given="x")
    OfferFactory(title="Field season", center=center, institution=None, open=True)

    drawn = client.get("/").context["map"]

    assert {mark.title for mark in drawn.dots} == {"Lead Institute", "Somewhere"}
    assert {mark.url for mark in drawn.rings} == {center.get_absolute_url()}
    assert len(drawn.rings) == 2
    assert [arc.title for arc in drawn.arcs] == ["Ecology Center"]
    assert [mark.title for mark in drawn.offers] == ["Field season"]


def test_offers_come_by_deadline_and_the_first_one_closes_next(client):
    later = OfferFactory(title="Later", open=True, apply_by=timezone.now() + datetime.timedelta(days=9))
    soon = OfferFactory(title="Soon", open=True, apply_by=timezone.now() + datetime.timedelta(days=2))

    response = client.get("/")

    assert list(response.context["offers"]) == [soon, later]
    assert "Closes next: Soon" in words(response)


def test_projects_come_newest_first_with_their_lead(client):
    old = ProjectFactory(title="Old", starts_on=datetime.date(2019, 1, 1))
    new = ProjectFactory(title="New", starts_on=datetime.date(2024, 1, 1), lead=InstitutionFactory(name="The Lead"))
    undated = ProjectFactory(title="Undated")

    response = client.get("/")

    assert list(response.context["projects"]) == [new, old, undated]
    assert "New from 1 Jan 2024 Led by The Lead" in words(response)


def test_drafts_hide_from_strangers(client):
    OfferFactory(title="Secret offer")
    ProjectFactory(title="Secret project", published_at=None)

    response = client.get("/")

    assert "Secret" not in body(response)


def test_portal_without_any_record_is_whole(client):
    response = client.get("/")

    assert heading(response)
    assert "No exchange is open today" in words(response)
    assert "No projects yet" in words(response)


def test_home_can_only_be_read(client):
    assert client.post("/").status_code == 405


def fill(count):
    for _ in range(count):
        institution = InstitutionFactory(member=True, latitude="10", longitude="10")
        center = CenterFactory(sites=["PK", "NP"])
        center.participations.create(role="lead", institution=institution, name_as_given="x")
        theme = ThemeFactory()
        ProjectFactory(lead=institution).themes.add(theme)
        OfferFactory(open=True, institution=institution, center=center).themes.add(theme)


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    fill(1)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)
    cost = statements(client, "/")

    fill(24)

    assert statements(client, "/") == cost <= budget
