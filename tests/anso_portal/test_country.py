import pytest

from notifications.models import Follow, Subscriber
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProjectFactory,
    ProjectSiteFactory,
    ThemeFactory,
    UserFactory,
)
from tests.listing import exported
from tests.pages import body, heading, links, statements, words
from vocabularies.models import Country

pytestmark = pytest.mark.django_db


def page(client, code="PK"):
    response = client.get(f"/countries/{code}/")
    assert response.status_code == 200
    return response


def test_page_shows_what_the_country_has(client):
    member = InstitutionFactory(name="Academy", member=True)
    center, project = CenterFactory(sites=["NP", "PK"]), ProjectFactory(lead=member)
    offer = OfferFactory(open=True, institution=member)

    response = page(client)

    assert heading(response) == "Pakistan"
    assert "Academy member" in words(response)
    for record in (member, center, project, offer):
        assert record.get_absolute_url() in links(response)


def test_figures_count_what_their_lists_hold(client):
    for _ in range(2):
        InstitutionFactory(member=True)
    partner = InstitutionFactory()
    InstitutionFactory(record_status="inactive")
    InstitutionFactory(member=True, country_id="NP")
    CenterFactory(sites=["PK", "PK"])
    CenterFactory(sites=["NP"])
    ProjectSiteFactory(project=ProjectFactory(partners=[partner]))
    ProjectFactory(published_at=None, lead=partner)
    AffiliationFactory(institution=partner)
    AffiliationFactory(institution=partner, person__is_public=False)
    AffiliationFactory(institution=partner, ends_on="2020-01-01")

    found = {label: (number, url) for number, label, url in page(client).context["figures"]}

    assert {label: number for label, (number, _url) in found.items()} == {
        "member institutions": 2,
        "other institution": 1,
        "project": 1,
        "center": 1,
        "exchanges open to its scientists": 0,
        "person with a public profile": 1,
    }
    client.force_login(UserFactory())
    for number, url in found.values():
        if url != "#for":
            assert len(exported(client, url, "json")) == number


def test_offers_open_to_its_scientists_are_those_that_name_it_or_nobody(client):
    to_all = OfferFactory(title="To all", open=True, country_id="BR")
    to_it = OfferFactory(title="To it", open=True, country_id="BR")
    to_it.eligible_countries.set(Country.objects.filter(pk__in=["PK", "NP"]))
    to_others = OfferFactory(title="To others", open=True, country_id="BR")
    to_others.eligible_countries.set(Country.objects.filter(pk="NP"))
    OfferFactory(title="Draft to all", country_id="BR")

    response = page(client)

    assert set(response.context["offers_for"]) == {to_all, to_it}
    assert not response.context["offers_in"]


def test_exchanges_to_the_country_are_listed_whoever_may_apply(client):
    offer = OfferFactory(title="Field season", open=True)
    offer.eligible_countries.set(Country.objects.filter(pk="NP"))

    response = page(client)

    assert "Exchanges to Pakistan Field season" in words(response)
    assert list(response.context["offers_for"]) == []


def test_page_tells_with_whom_the_country_works(client):
    here = InstitutionFactory()
    for _ in range(2):
        ProjectFactory(lead=here, partners=[InstitutionFactory(country_id="CN")])
    ProjectFactory(lead=here, partners=[InstitutionFactory(country_id="NP"), InstitutionFactory(country_id="BD")])
    ProjectFactory(lead=here, partners=[InstitutionFactory(country_id="BR")], published_at=None)
    ProjectFactory(lead=InstitutionFactory(country_id="KE"), partners=[InstitutionFactory(country_id="CN")])

    assert "Works with Country Projects China 2 Bangladesh 1 Nepal 1" in words(page(client))


def test_themes_of_its_projects_count_visible_ones(client):
    theme, here = ThemeFactory(name="Climate change"), InstitutionFactory()
    ProjectFactory(lead=here).themes.add(theme)
    ProjectFactory(lead=here, published_at=None).themes.add(theme)

    assert "Themes of its projects Climate change 1" in words(page(client))


def test_country_without_any_record_is_whole(client):
    text = words(page(client, "TV"))

    assert "No institution of this country is a member." in text
    assert "No projects known yet." in text
    assert "None is open today. Follow the country" in text


def test_lower_case_leads_to_the_one_address(client):
    response = client.get("/countries/pk/")

    assert (response.status_code, response["Location"]) == (301, "/countries/PK/")


@pytest.mark.parametrize("code", ["ZZ", "zz", "PAK", "P", "1A"])
def test_unknown_code_is_not_found(client, code):
    assert client.get(f"/countries/{code}/").status_code == 404


def test_page_can_only_be_read(client):
    assert client.post("/countries/PK/").status_code == 405


def test_administrator_sees_the_own_follow_and_not_that_of_others(client):
    administrator = UserFactory(roles=["administrator"])
    (subscriber,) = Subscriber.objects.of_users([UserFactory()])
    Follow.objects.create(subscriber=subscriber, topic="country:PK")
    client.force_login(administrator)

    assert "You follow this" not in body(page(client))

    (subscriber,) = Subscriber.objects.of_users([administrator])
    Follow.objects.create(subscriber=subscriber, topic="country:PK")
    assert "You follow this" in body(page(client))


def fill(code, count):
    for _ in range(count):
        institution = InstitutionFactory(member=True, country_id=code)
        CenterFactory(sites=[code])
        abroad = InstitutionFactory(country_id="CN")
        ProjectFactory(lead=institution, partners=[abroad]).themes.add(ThemeFactory())
        OfferFactory(open=True, country_id=code, institution=institution)


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    fill("NP", 1)
    fill("PK", 25)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)

    cost = statements(client, "/countries/PK/")

    assert cost <= budget
    assert cost == statements(client, "/countries/NP/")
