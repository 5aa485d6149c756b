import datetime

import pytest
from django.utils import timezone

from members.models import InstitutionIdentifier, InstitutionRelation, Membership
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipFactory,
    OfferFactory,
    ParticipationFactory,
    PersonFactory,
    ProjectFactory,
    SourceFactory,
    UserFactory,
)
from tests.pages import body, heading, linked_data, links, statements, title, words

pytestmark = pytest.mark.django_db


def page(client, institution):
    response = client.get(institution.get_absolute_url())
    assert response.status_code == 200
    return response


def test_page_names_the_institution_in_all_its_languages(client):
    names = [
        ("中国科学院", "zh", "label"),
        ("الأكاديمية الصينية للعلوم", "ar", "label"),
        ("Academia Sinica", "la", "alias"),
    ]
    institution = InstitutionFactory(name="Chinese Academy of Sciences", acronym="CAS", names=names)

    response = page(client, institution)

    assert heading(response) == "Chinese Academy of Sciences"
    assert title(response).startswith("Chinese Academy of Sciences · ")
    assert '<li lang="zh" dir="ltr">中国科学院</li>' in body(response)
    assert '<li lang="ar" dir="rtl">الأكاديمية الصينية للعلوم</li>' in body(response)
    assert "Also called Academia Sinica" in words(response)
    assert "Acronym CAS" in words(response)


def test_page_says_what_and_where_it_is(client):
    institution = InstitutionFactory(
        kind="academy", city="Islamabad", website="https://www.paspk.org/x", established=1953
    )

    text = words(page(client, institution))

    assert "Academy of sciences in Pakistan" in text
    assert "Kind academy of sciences, national" in text
    assert "Place Islamabad" in text
    assert "Website paspk.org" in text
    assert "Established 1953" in text


def test_page_of_an_international_organisation_needs_no_country(client):
    institution = InstitutionFactory(kind="organisation", scope="international", country=None)

    assert "International organisation, international" in words(page(client, institution))


def test_identifiers_lead_to_their_registers(client):
    institution = InstitutionFactory(ror="034t30j35")
    for scheme, value in [("isni", "0000 0001 1957 3309"), ("wikidata", "Q530471"), ("grid", "grid.9227.e")]:
        InstitutionIdentifier.objects.create(institution=institution, scheme=scheme, value=value)

    response = page(client, institution)

    for address in (
        "https://ror.org/034t30j35",
        "https://isni.org/isni/0000000119573309",
        "https://www.wikidata.org/wiki/Q530471",
    ):
        assert address in links(response)
    assert "GRID grid.9227.e" in words(response)


@pytest.mark.parametrize(
    ("standing", "precision", "sentence"),
    [
        ("member", "day", "member since 4 Nov 2018"),
        ("member", "year", "member since 2018"),
        ("member", "unknown", "member since when is not known"),
        ("observer", "month", "observer since Nov 2018"),
        ("left", "year", "left the alliance in 2018"),
    ],
)
def test_standing_is_told_as_precisely_as_it_is_known(client, standing, precision, sentence):
    institution = InstitutionFactory()
    MembershipFactory(institution=institution, standing=standing, starts_precision=precision)

    assert sentence in words(page(client, institution))


def test_partner_is_said_to_be_no_member(client):
    text = words(page(client, InstitutionFactory()))

    assert "partner not a member; takes part in projects, centers or exchanges" in text
    assert "No decision of the alliance concerns this institution" in text


def test_membership_history_names_meeting_and_source_of_each_decision(client):
    institution = InstitutionFactory()
    meeting = MeetingFactory(name="General Assembly 1", place="Beijing")
    source = SourceFactory(name="Minutes of the assembly", url="https://example.org/minutes")
    MembershipFactory(institution=institution, founding=True, meeting=meeting, source=source)
    MembershipFactory(
        institution=institution, standing="suspended", starts_on=datetime.date(2022, 5, 1), starts_precision="month"
    )

    response = page(client, institution)

    text = words(response)
    assert (
        "4 Nov 2018 Founding member, decided by General Assembly 1 (Beijing, 4 Nov 2018) Source: Minutes of the assembly"
        in text
    )
    assert "May 2022 Membership suspended" in text
    assert body(response).count('class="now"') == 1
    assert "https://example.org/minutes" in links(response)


@pytest.mark.parametrize("standing", Membership.Standing)
def test_each_decision_has_its_sentence(client, standing):
    institution = InstitutionFactory()
    MembershipFactory(institution=institution, standing=standing)
    sentences = {
        "candidate": "Became a candidate",
        "endorsed": "Endorsed by the board",
        "member": "Became a member",
        "observer": "Became an observer",
        "suspended": "Membership suspended",
        "left": "Left the alliance",
        "partner": "No longer a candidate",
    }

    assert f"4 Nov 2018 {sentences[standing]}" in words(page(client, institution))


def test_decision_of_the_future_is_not_in_force(client):
    institution = InstitutionFactory()
    tomorrow = timezone.localdate() + datetime.timedelta(days=2)
    MembershipFactory(institution=institution, starts_on=tomorrow)

    text = words(page(client, institution))

    assert "(not yet in force)" in text
    assert "partner not a member" in text


def test_withdrawn_record_stays_and_leads_to_its_successor(client):
    successor = InstitutionFactory(name="Academy of Today")
    institution = InstitutionFactory(record_status="withdrawn")
    InstitutionRelation.objects.create(institution=institution, other=successor, kind="successor")

    response = page(client, institution)

    assert "This record has been withdrawn from its register." in words(response)
    assert "It goes on as: Academy of Today" in words(response)
    assert successor.get_absolute_url() in links(response)


def test_relations_are_shown_from_both_ends(client):
    parent, child = InstitutionFactory(name="The Academy"), InstitutionFactory(name="The Institute")
    InstitutionRelation.objects.create(institution=child, other=parent, kind="parent")

    assert "Part of The Academy" in words(page(client, child))
    assert "Has as parts The Institute" in words(page(client, parent))


def test_projects_stand_as_led_and_as_joined_with_a_link_to_all(client):
    institution = InstitutionFactory(slug="academy")
    led = ProjectFactory(title="Glaciers", lead=institution)
    joined = [ProjectFactory(title=f"Water {n}", partners=[institution]) for n in range(12)]

    response = page(client, institution)

    text = words(response)
    assert "Leads 1 project" in text
    assert "Partner in 12 projects" in text
    assert "All 13 projects" in text
    assert "/projects/?member=academy" in links(response)
    assert led.get_absolute_url() in links(response)
    assert len([project for project in joined if project.get_absolute_url() in links(response)]) == 10


def test_main_partners_come_with_the_number_of_shared_projects(client):
    institution, often, once = InstitutionFactory(), InstitutionFactory(name="Often"), InstitutionFactory(name="Once")
    ProjectFactory(lead=institution, partners=[often, once])
    ProjectFactory(lead=often, partners=[institution])
    ProjectFactory(lead=often, partners=[once])  # without the institution: it counts for neither

    text = words(page(client, institution))

    assert "Works most with Institution Shared projects Often Pakistan 2 Once Pakistan 1" in text


def test_drafts_hide_from_strangers_in_rows_counts_and_partners(client):
    institution, partner = InstitutionFactory(), InstitutionFactory(name="Secret partner")
    ProjectFactory(title="Secret project", lead=institution, partners=[partner], published_at=None)
    OfferFactory(title="Secret offer", institution=institution)

    text = words(page(client, institution))

    assert "Secret" not in text
    assert "No projects known yet." in text


def test_people_of_the_institution_see_its_drafts(client):
    institution, partner = InstitutionFactory(), InstitutionFactory(name="Secret partner")
    ProjectFactory(title="Secret project", lead=institution, partners=[partner], published_at=None)
    client.force_login(InstitutionRoleFactory(institution=institution).user)

    text = words(page(client, institution))

    assert "Leads 1 project" in text
    assert "Secret project" in text
    assert "Secret partner" in text


def test_centers_say_what_the_institution_is_to_them(client):
    institution = InstitutionFactory()
    center = CenterFactory(name="Mountain Center", sites=["NP", "PK"])
    for role in ("host", "lead"):
        center.participations.create(role=role, institution=institution, name_as_given="given")

    response = page(client, institution)

    assert "Mountain Center hosts it leads it Nepal, Pakistan" in words(response)
    assert links(response).count(center.get_absolute_url()) == 1


def test_only_open_offers_are_listed(client):
    institution = InstitutionFactory()
    OfferFactory(title="Still open", institution=institution, open=True)
    past = timezone.now() - datetime.timedelta(minutes=1)
    OfferFactory(title="Past its deadline", institution=institution, open=True, apply_by=past)
    OfferFactory(title="Closed by hand", institution=institution, state="closed")

    text = words(page(client, institution))

    assert "Still open closes in 29 days" in text
    assert "Past its deadline" not in text
    assert "Closed by hand" not in text


def test_people_are_named_only_with_a_public_profile_and_while_they_are_there(client):
    institution = InstitutionFactory()
    AffiliationFactory(institution=institution, person__name="Public Person", position="Professor")
    AffiliationFactory(institution=institution, person__name="Sample Person", person__illustrative=True)
    AffiliationFactory(institution=institution, person__name="Private Person", person__is_public=False)
    AffiliationFactory(institution=institution, person__name="Former Person", ends_on=datetime.date(2020, 1, 1))

    response = page(client, institution)

    text = words(response)
    assert f"People Find among them : {institution.name} Public Person Professor Sample Person illustrative" in text
    assert f"/people/?member={institution.slug}" in links(response)
    assert "Private Person" not in text
    assert "Former Person" not in text


def test_linked_data_describes_the_institution_and_cannot_end_its_script(client):
    parent = InstitutionFactory(name="The Academy")
    institution = InstitutionFactory(name="A </script><b>B", ror="034t30j35", description="<!-- & -->")
    InstitutionRelation.objects.create(institution=institution, other=parent, kind="parent")

    response = page(client, institution)
    data = linked_data(response)

    assert data["@type"] == "ResearchOrganization"
    assert data["name"] == "A </script><b>B"
    assert data["description"] == "<!-- & -->"
    assert data["sameAs"] == ["https://ror.org/034t30j35"]
    assert data["parentOrganization"][0]["name"] == "The Academy"
    assert "alternateName" not in data
    assert "<b>B" not in body(response)


def test_page_has_its_canonical_address_source_and_way_to_report(client, settings):
    source = SourceFactory(name="ROR", url="https://ror.org")
    institution = InstitutionFactory(slug="academy", source=source, source_seen_on=datetime.date(2026, 4, 14))

    response = page(client, institution)

    assert f'<link rel="canonical" href="{settings.PORTAL_BASE_URL}/members/academy/">' in body(response)
    assert "Source: ROR, seen on 14 Apr 2026" in words(response)
    assert "/report/?about=/members/academy/" in links(response)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_page_can_only_be_read(client, method):
    assert getattr(client, method)(InstitutionFactory().get_absolute_url()).status_code == 405


def test_unknown_institution_is_not_found(client):
    assert client.get("/members/nowhere/").status_code == 404


def fill(institution, count):
    """Everything the page shows, so many times."""
    for n in range(count):
        other = InstitutionFactory(member=True)
        project = ProjectFactory(lead=institution, partners=[other])
        ProjectFactory(lead=other, partners=[institution])
        center = CenterFactory(sites=["PK", "NP"])
        project.centers.add(center)
        center.participations.create(role="host", institution=institution, name_as_given="x")
        OfferFactory(institution=institution, center=center, open=True)
        AffiliationFactory(institution=institution)
        InstitutionRelation.objects.create(institution=other, other=institution, kind="parent")
        InstitutionIdentifier.objects.create(institution=institution, scheme="fundref", value=str(n))
        source = SourceFactory()
        day = datetime.date(2000 + n, 1, 1)
        MembershipFactory(institution=institution, starts_on=day, meeting=MeetingFactory(), source=source)
    ParticipationFactory(project=ProjectFactory(), institution=institution)


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24), ("officer", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    one, many = InstitutionFactory(member=True), InstitutionFactory(member=True)
    fill(one, 1)
    fill(many, 25)
    if who != "visitor":
        user = InstitutionRoleFactory().user if who == "scientist" else UserFactory(roles=["officer"])
        client.force_login(user)

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())


def test_focal_point_is_shown_by_the_own_choice_alone(client):
    institution = InstitutionFactory()
    for name, public in (("Shown", True), ("Hidden", False)):
        user = InstitutionRoleFactory(institution=institution).user
        PersonFactory(name=name, user=user, is_public=public)
    PersonFactory(name="Edda", user=InstitutionRoleFactory(institution=institution, role="editor").user)

    page = client.get(institution.get_absolute_url())

    assert [person.name for person in page.context["focal_points"]] == ["Shown"]
    assert "Hidden" not in words(page)


def test_way_to_the_desk_is_for_those_who_work_there(client):
    role = InstitutionRoleFactory(role="editor")
    page = role.institution.get_absolute_url()
    assert role.institution.desk_url not in links(client.get(page))
    for user, shown in ((role.user, True), (UserFactory(), False), (UserFactory(roles=["officer"]), True)):
        client.force_login(user)
        assert (role.institution.desk_url in links(client.get(page))) == shown
