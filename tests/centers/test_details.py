import datetime

import pytest
from django.utils import timezone

from centers.models import Facility
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProjectFactory,
    SourceFactory,
    ThemeFactory,
)
from tests.pages import body, heading, linked_data, links, statements, words

pytestmark = pytest.mark.django_db


def page(client, center):
    response = client.get(center.get_absolute_url())
    assert response.status_code == 200
    return response


def test_page_names_the_center_its_countries_and_fields(client):
    center = CenterFactory(
        name="Ecology Center",
        acronym="CEC",
        translations={"zh": "生态中心"},
        fields=["ecology", "water"],
        sites=["KZ", "KG", "TJ"],
    )

    response = page(client, center)

    assert heading(response) == "Ecology Center"
    assert "Center in Kazakhstan and 2 more countries" in words(response)
    assert '<li lang="zh" dir="ltr">生态中心</li>' in body(response)
    assert "Fields ecology, water" in words(response)
    for code in ("KZ", "KG", "TJ"):
        assert f"/countries/{code}/" in links(response)


def test_facts_that_are_not_known_are_left_out(client):
    text = words(page(client, CenterFactory()))

    for absent in (
        "Established",
        "Hosted by",
        "Led by",
        "Website",
        "Facilities",
        "Key dates",
        "Themes",
        "not known",
        "None ",
    ):
        assert absent not in text.replace("None is open", "")
    assert "No projects known yet." in text


def test_hosts_and_lead_institutes_are_linked_where_known(client):
    center = CenterFactory()
    host = InstitutionFactory(name="Quaid-i-Azam University")
    center.participations.create(role="host", institution=host, name_as_given="QAU")
    center.participations.create(role="lead", name_as_given="Some institute in Chengdu")

    response = page(client, center)

    assert "Hosted by Quaid-i-Azam University Pakistan Led by Some institute in Chengdu" in words(response)
    assert host.get_absolute_url() in links(response)


def test_facilities_tell_their_conditions_of_access(client):
    center = CenterFactory()
    Facility.objects.create(
        center=center, name="Herbarium", access_conditions="Write two weeks before.", illustrative=True
    )

    assert "Herbarium illustrative Access: Write two weeks before." in words(page(client, center))


def test_dates_are_told_as_known(client):
    year = datetime.date(2013, 1, 1)
    center = CenterFactory(established_on=year, established_precision="year", history="2013-10 inaugurated")

    text = words(page(client, center))

    assert "Established 2013" in text
    assert "Key dates 2013-10 inaugurated" in text


def test_closed_center_keeps_its_page(client):
    center = CenterFactory(closed_on=datetime.date(2024, 6, 30))

    assert "This center closed on 30 Jun 2024. Its page stays" in words(page(client, center))


def test_center_that_will_close_is_not_closed(client):
    center = CenterFactory(closed_on=timezone.localdate() + datetime.timedelta(days=3))

    assert "This center closed" not in words(page(client, center))


def test_projects_offers_and_themes_lead_on(client):
    center, theme = CenterFactory(slug="ecology"), ThemeFactory(name="Climate change")
    center.themes.add(theme)
    project = ProjectFactory(title="Glaciers", lead=InstitutionFactory(name="The Lead"))
    project.centers.add(center)
    offer = OfferFactory(title="Field season", center=center, institution=None, open=True)

    response = page(client, center)

    assert "Glaciers active Led by The Lead" in words(response)
    assert "Field season closes in 29 days visit Pakistan 2 places" in words(response)
    for address in (
        project.get_absolute_url(),
        offer.get_absolute_url(),
        theme.get_absolute_url(),
        "/projects/?center=ecology",
    ):
        assert address in links(response)


def test_drafts_hide_from_strangers(client):
    center = CenterFactory()
    ProjectFactory(title="Secret project", published_at=None).centers.add(center)
    OfferFactory(title="Secret offer", center=center)

    text = words(page(client, center))

    assert "Secret" not in text
    assert "No projects known yet." in text


def test_host_sees_the_projects_it_takes_part_in(client):
    center, host = CenterFactory(), InstitutionFactory()
    ProjectFactory(title="Secret project", lead=host, published_at=None).centers.add(center)
    client.force_login(InstitutionRoleFactory(institution=host).user)

    assert "Secret project" in words(page(client, center))


def test_linked_data_and_source(client):
    source = SourceFactory(name="Xinhua", licence="facts")
    center = CenterFactory(
        name="Ecology Center", source=source, source_urls=["https://a.example/1", "https://www.b.example/2"]
    )

    response = page(client, center)

    assert linked_data(response)["location"][0]["address"]["addressCountry"] == "PK"
    assert "Source: Xinhua, b.example, facts" in words(response)
    assert "https://www.b.example/2" in links(response)


def test_page_can_only_be_read(client):
    assert client.post(CenterFactory().get_absolute_url()).status_code == 405


def test_unknown_center_is_not_found(client):
    assert client.get("/centers/nowhere/").status_code == 404


def fill(center, count):
    for n in range(count):
        institution = InstitutionFactory()
        ProjectFactory(lead=institution).centers.add(center)
        OfferFactory(center=center, institution=institution, open=True)
        center.participations.create(role="host", institution=institution, name_as_given=institution.name)
        center.themes.add(ThemeFactory())
        Facility.objects.create(center=center, name=f"Facility {n}")


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    one, many = CenterFactory(), CenterFactory(sites=["PK", "NP", "CN", "KZ"])
    fill(one, 1)
    fill(many, 25)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())
