import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from projects.models import Output
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectSiteFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)
from tests.pages import body, heading, linked_data, links, statements, words
from vocabularies.models import Sdg

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def page(client, project):
    response = client.get(project.get_absolute_url())
    assert response.status_code == 200
    return response


def test_page_names_the_project_in_its_languages(client):
    translations = {"zh": {"title": "冰川", "summary": "摘要"}, "fr": "not a pair of texts"}
    project = ProjectFactory(title="Glaciers", code="ANSO-P-2026-0001", acronym="GLAC", translations=translations)

    response = page(client, project)

    assert heading(response) == "Glaciers"
    assert "Project · GLAC · ANSO-P-2026-0001" in words(response)
    assert '<li lang="zh" dir="ltr">冰川</li>' in body(response)
    assert "Summary in Chinese 摘要" in words(response)


@pytest.mark.parametrize(
    ("dates", "status"),
    [
        ({"starts_on": TODAY + datetime.timedelta(days=40)}, "planned"),
        ({"starts_on": TODAY - datetime.timedelta(days=40)}, "active"),
        ({"ends_on": TODAY - datetime.timedelta(days=2)}, "completed"),
        ({"suspended_on": TODAY - datetime.timedelta(days=2)}, "suspended"),
        ({}, "active"),
    ],
)
def test_status_follows_from_the_dates(client, dates, status):
    text = words(page(client, ProjectFactory(title="Glaciers", **dates)))

    assert f"Project Glaciers {status}" in text


def test_period_is_as_precise_as_it_is_known(client):
    dates = {"starts_on": datetime.date(2012, 1, 1), "ends_on": datetime.date(2016, 12, 31)}
    project = ProjectFactory(**dates, starts_precision="year", ends_precision="year")

    assert "completed 2012–2016" in words(page(client, project))


def test_lead_and_partners_are_linked_only_where_it_is_certain_who_they_are(client):
    lead = InstitutionFactory(name="The Lead")
    project = ProjectFactory(lead=lead)
    ParticipationFactory(project=project, institution=None, name_as_given="Dept. of Water, Colombo", country_id="LK")
    ParticipationFactory(project=project, institution=InstitutionFactory(name="Known"), name_as_given="KNOWN Ltd")

    response = page(client, project)

    assert "Led by The Lead with 2 partners" in words(response)
    assert (
        "The Lead Pakistan Lead Dept. of Water, Colombo Sri Lanka Partner Known as KNOWN Ltd Pakistan Partner"
        in words(response)
    )
    assert lead.get_absolute_url() in links(response)
    assert "/countries/LK/" in links(response)


def test_facts_lead_on(client):
    center, theme = CenterFactory(name="Ecology Center"), ThemeFactory(name="Climate change")
    project = ProjectFactory(keywords=["tsunami", "50% & more"], website="https://www.example.org/p")
    project.centers.add(center)
    project.themes.add(theme)
    project.sdgs.add(Sdg.objects.get(pk=6))
    ProjectSiteFactory(project=project)

    response = page(client, project)

    text = words(response)
    assert "Countries Pakistan Sites Gwadar, Pakistan Centers Ecology Center Themes Climate change" in text
    assert "6. Clean Water and Sanitation" in text
    for address in (
        center.get_absolute_url(),
        theme.get_absolute_url(),
        "/projects/?q=tsunami",
        "/projects/?q=50%25%20%26%20more",
        "https://www.example.org/p",
    ):
        assert address in links(response)


def test_money_keeps_its_currency(client):
    project = ProjectFactory(amount=Decimal("492954"), currency="CHF", funder="SNSF", funding_programme="r4d")

    assert "Budget CHF\xa0492,954 Funder SNSF Programme r4d".replace("\xa0", "") in words(
        page(client, project)
    ).replace("\xa0", "")


def test_outputs_lead_to_their_doi(client):
    project = ProjectFactory()
    Output.objects.create(project=project, kind="dataset", title="Gauges", doi="10.1234/abc", published_in=2024)

    response = page(client, project)

    assert "Outputs Gauges data set 2024 doi:10.1234/abc" in words(response)
    assert "https://doi.org/10.1234/abc" in links(response)


def test_related_projects_give_their_reason_the_closest_first(client):
    center, theme = CenterFactory(name="Ecology Center"), ThemeFactory(name="Climate change")
    partner = InstitutionFactory(name="Shared Partner")
    project = ProjectFactory(partners=[partner])
    project.centers.add(center)
    project.themes.add(theme)
    same_theme_elsewhere = ProjectFactory(title="Far away", partners=[InstitutionFactory(country_id="BR")])
    same_theme_elsewhere.themes.add(theme)
    near = ProjectFactory(title="Near", partners=[InstitutionFactory()])
    near.themes.add(theme)
    ProjectFactory(title="With them", partners=[partner])
    ProjectFactory(title="At the center").centers.add(center)

    text = words(page(client, project))

    found = text.partition("Related projects")[2].partition("Cite this project")[0].strip()
    assert found == (
        "At the center also at Ecology Center With them with Shared Partner too Near Climate change in Pakistan"
    )


def test_related_projects_are_never_drafts_of_others(client):
    center = CenterFactory()
    project = ProjectFactory()
    project.centers.add(center)
    ProjectFactory(title="Secret", published_at=None).centers.add(center)

    assert "Secret" not in words(page(client, project))


def test_citation_and_permanent_address(client, settings):
    project = ProjectFactory(
        slug="glac", title="Glaciers", acronym="GLAC", code="P-1", lead=InstitutionFactory(name="The Lead")
    )

    text = words(page(client, project))

    assert (
        f"The Lead. Glaciers (GLAC). dates not known. ANSO Portal, P-1. {settings.PORTAL_BASE_URL}/projects/glac/"
        in text
    )


def test_record_of_another_register_says_so_with_source_and_licence(client):
    source = SourceFactory(name="CORDIS", licence="CC BY 4.0", url="https://cordis.europa.eu")
    project = ProjectFactory(of_alliance=False, source=source, source_urls=["https://cordis.europa.eu/project/1"])

    response = page(client, project)

    assert "Project from another register" in words(response)
    assert "Source: CORDIS, CC BY 4.0" in words(response)
    assert "https://cordis.europa.eu/project/1" in links(response)


def test_illustrative_project_is_marked(client):
    text = words(page(client, ProjectFactory(illustrative=True)))

    assert "This project is illustrative" in text


def test_draft_is_not_found_by_strangers(client):
    project = ProjectFactory(published_at=None, lead=InstitutionFactory())

    assert client.get(project.get_absolute_url()).status_code == 404
    client.force_login(InstitutionRoleFactory().user)
    assert client.get(project.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["partner", "officer"])
def test_draft_is_shown_to_its_people_and_cannot_be_followed(client, who):
    institution = InstitutionFactory()
    project = ProjectFactory(published_at=None, partners=[institution])
    user = UserFactory(roles=["officer"]) if who == "officer" else InstitutionRoleFactory(institution=institution).user
    client.force_login(user)

    text = words(page(client, project))

    assert "This is a draft" in text
    assert "Follow" not in text


def test_linked_data_names_the_members(client):
    project = ProjectFactory(title="Glaciers", lead=InstitutionFactory(name="The Lead"))

    data = linked_data(page(client, project))

    assert (data["@type"], data["name"], data["member"][0]["name"]) == ("ResearchProject", "Glaciers", "The Lead")


def test_page_can_only_be_read(client):
    assert client.post(ProjectFactory().get_absolute_url()).status_code == 405


def test_unknown_project_is_not_found(client):
    assert client.get("/projects/nowhere/").status_code == 404


def fill(project, count):
    for n in range(count):
        institution = InstitutionFactory()
        ParticipationFactory(project=project, institution=institution)
        center, theme = CenterFactory(), ThemeFactory()
        project.centers.add(center)
        project.themes.add(theme)
        project.sdgs.add(Sdg.objects.get(pk=n % 17 + 1))
        ProjectSiteFactory(project=project)
        Output.objects.create(project=project, kind="dataset", title=f"Output {n}")
        near = ProjectFactory(partners=[institution])
        near.centers.add(center)
        near.themes.add(theme)


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    one, many = ProjectFactory(), ProjectFactory()
    fill(one, 1)
    fill(many, 25)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())
