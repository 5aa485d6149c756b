"""The list of institutions: who is a member, who was, and who works with the alliance."""

import datetime

import pytest

from members.models import Institution
from tests.factories import InstitutionFactory, MembershipFactory, SourceFactory
from tests.listing import chips, exported, facet, notes, rows, selected
from tests.pages import body, words

pytestmark = pytest.mark.django_db

STANDINGS = ["member", "observer", "candidate", "endorsed", "suspended", "left"]


@pytest.fixture
def one_of_each(db):
    for standing in STANDINGS:
        MembershipFactory(institution__name=standing.title(), standing=standing)
    InstitutionFactory(name="Partner")
    InstitutionFactory(name="Gone", record_status="inactive")
    InstitutionFactory(name="Withdrawn", record_status="withdrawn", member=True)


def test_members_are_listed_unless_another_status_is_asked_for(client, one_of_each):
    assert rows(client.get("/members/")) == ["Member"]
    assert rows(client.get("/members/?status=")) == ["Member"]
    assert selected(client.get("/members/"), "status") == ["member"]
    assert chips(client.get("/members/")) == {}


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("member", ["Member"]),
        ("partner", ["Partner"]),
        ("observer", ["Observer"]),
        ("candidate", ["Candidate", "Endorsed"]),
        ("suspended", ["Suspended"]),
        ("left", ["Left"]),
        ("inactive", ["Gone", "Withdrawn"]),
        ("endorsed", []),
    ],
)
def test_each_institution_has_one_status(client, one_of_each, status, names):
    response = client.get(f"/members/?status={status}")

    assert rows(response) == names
    assert facet(response, "status") == {
        "member": 1,
        "partner": 1,
        "observer": 1,
        "candidate": 2,
        "suspended": 1,
        "left": 1,
        "inactive": 2,
    }
    assert notes(response) == ([] if names else ["Institutions have no status “endorsed”."])


def test_statuses_that_no_institution_has_are_not_offered_unless_chosen(client):
    MembershipFactory()

    assert facet(client.get("/members/"), "status") == {"member": 1}
    assert facet(client.get("/members/?status=inactive"), "status") == {"member": 1, "inactive": 0}


def test_several_statuses_are_listed_together(client, one_of_each):
    response = client.get("/members/?status=partner&status=member&status=inactive&status=left")

    assert rows(response) == ["Gone", "Left", "Member", "Partner", "Withdrawn"]


def test_the_latest_decision_counts(client):
    institution = InstitutionFactory(name="Ant")
    MembershipFactory(institution=institution, standing="member", starts_on="2018-11-04")
    MembershipFactory(institution=institution, standing="left", starts_on="2020-06-01")
    MembershipFactory(institution=institution, standing="member", starts_on="2999-01-01")

    assert rows(client.get("/members/")) == []
    assert rows(client.get("/members/?status=left")) == ["Ant"]


@pytest.mark.parametrize(
    ("day", "members", "partners"),
    [
        ("2018-11-03", [], ["Ant", "Bee"]),
        ("2018-11-04", ["Ant"], ["Bee"]),
        ("2020-05-31", ["Ant"], ["Bee"]),
        ("2020-06-01", ["Bee"], []),
        ("2999-12-31", ["Ant", "Bee"], []),
    ],
)
def test_who_was_a_member_on_a_day(client, day, members, partners):
    ant = InstitutionFactory(name="Ant")
    MembershipFactory(institution=ant, standing="member", starts_on="2018-11-04")
    MembershipFactory(institution=ant, standing="left", starts_on="2020-06-01")
    MembershipFactory(institution=ant, standing="member", starts_on="2999-01-01")
    MembershipFactory(institution__name="Bee", starts_on="2020-06-01")

    response = client.get(f"/members/?as_of={day}")

    assert rows(response) == members
    assert facet(response, "status").get("member") == len(members)
    assert facet(response, "status").get("partner", 0) == len(partners)
    assert rows(client.get(f"/members/?as_of={day}&status=partner")) == partners


def test_a_candidacy_that_ended_leaves_a_partner(client):
    institution = InstitutionFactory(name="Ant")
    MembershipFactory(institution=institution, standing="candidate", starts_on="2020-01-01")
    MembershipFactory(institution=institution, standing="partner", starts_on="2021-01-01")
    InstitutionFactory(name="Bee")

    assert rows(client.get("/members/?status=candidate&as_of=2020-06-01")) == ["Ant"]
    assert rows(client.get("/members/?status=candidate")) == []
    response = client.get("/members/?status=partner")
    assert rows(response) == ["Ant", "Bee"]
    assert facet(response, "status") == {"partner": 2}
    assert [row["since"] for row in exported(client, "/members/?status=partner", "json")] == [None, None]
    assert list(Institution.objects.partners().values_list("name", flat=True)) == ["Ant", "Bee"]


def test_a_day_in_the_past_shows_members_whose_record_was_withdrawn_since(client):
    MembershipFactory(institution__name="Ant", institution__record_status="withdrawn")

    response = client.get("/members/?as_of=2019-01-01")

    assert rows(response) == ["Ant"]
    assert "The alliance as it was on 1 Jan 2019." in words(response)
    assert list(chips(response)) == ["On the day: 1 Jan 2019"]
    assert 'type="date" name="as_of" value="2019-01-01"' in body(response)


def test_a_day_without_members_leads_back_to_today(client):
    MembershipFactory()

    way_out = client.get("/members/?as_of=2010-01-01&status=member").context["listing"].way_out

    assert (way_out.label, way_out.url) == ("Show it as it is today", "/members/?status=member")


def test_an_empty_list_offers_the_status_that_finds_most(client):
    InstitutionFactory(name="Kyoto")

    way_out = client.get("/members/?q=kyoto").context["listing"].way_out

    assert (way_out.label, way_out.url) == ("With Status: partner (1)", "/members/?q=kyoto&status=partner")


def test_a_row_says_what_it_is_where_and_since_when(client):
    MembershipFactory(
        institution__name="Quaid-i-Azam University",
        institution__acronym="QAU",
        institution__city="Islamabad",
        starts_on="2018-11-01",
        starts_precision="month",
    )

    assert "Quaid-i-Azam University member QAU Islamabad, Pakistan university or school since Nov 2018" in words(
        client.get("/members/")
    )


def test_a_row_says_so_where_a_date_is_not_known(client):
    MembershipFactory(starts_precision="unknown")

    assert "university or school since when is not known" in words(client.get("/members/"))


def test_rows_lead_to_the_page_of_the_institution(client):
    MembershipFactory(institution__slug="qau", institution__name="Quaid")

    assert '<a href="/members/qau/"><bdi>Quaid</bdi></a>' in body(client.get("/members/"))


def test_institutions_are_narrowed_by_country_kind_and_source(client):
    MembershipFactory(
        institution__name="Ant", institution__country_id="NP", institution__source=SourceFactory(slug="ror")
    )
    MembershipFactory(institution__name="Bee", institution__kind="academy")

    assert rows(client.get("/members/?country=NP")) == ["Ant"]
    assert rows(client.get("/members/?kind=academy")) == ["Bee"]
    assert rows(client.get("/members/?source=ror")) == ["Ant"]
    assert facet(client.get("/members/?kind=academy"), "country") == {"PK": 1}
    assert facet(client.get("/members/?kind=academy"), "kind") == {"academy": 1, "university": 1}


def test_international_institutions_have_no_country(client):
    MembershipFactory(institution__name="ICIMOD", institution__scope="international", institution__country=None)

    response = client.get("/members/")

    assert rows(response) == ["ICIMOD"]
    assert facet(response, "country") == {}


def test_members_are_ordered_by_name_or_by_how_long_they_are_members(client):
    MembershipFactory(institution__name="Bee", starts_on="2018-11-04")
    MembershipFactory(institution__name="Ärger", starts_on="2024-01-01")

    assert rows(client.get("/members/")) == ["Ärger", "Bee"]
    assert rows(client.get("/members/?sort=-since")) == ["Ärger", "Bee"]
    assert rows(client.get("/members/?sort=since")) == ["Bee", "Ärger"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_file_holds_the_rows_of_the_list_in_their_order(client, one_of_each, kind):
    for address in ["/members/", "/members/?status=partner&status=left&status=candidate", "/members/?country=NP"]:
        assert [row["name"] for row in exported(client, address, kind)] == rows(client.get(address))


def test_a_file_has_the_promised_columns(client, settings):
    MembershipFactory(
        institution=InstitutionFactory(
            slug="qau", name="Quaid", acronym="QAU", city="Islamabad", ror="04s9hft57", latitude="-33.5", longitude="73"
        )
    )

    (row,) = exported(client, "/members/", "json")

    assert row == {
        "slug": "qau",
        "name": "Quaid",
        "acronym": "QAU",
        "kind": "university",
        "scope": "national",
        "status": "member",
        "since": "2018-11-04",
        "since_precision": "day",
        "record_status": "active",
        "country": "PK",
        "country_name": "Pakistan",
        "city": "Islamabad",
        "latitude": -33.5,
        "longitude": 73,
        "ror": "https://ror.org/04s9hft57",
        "website": "",
        "established": None,
        "source": "",
        "address": f"{settings.PORTAL_BASE_URL}/members/qau/",
    }


def test_a_file_calls_an_endorsed_institution_a_candidate_as_the_filter_does(client):
    MembershipFactory(standing="endorsed", starts_precision="unknown")

    (row,) = exported(client, "/members/?status=candidate", "csv")

    assert (row["status"], row["since"], row["since_precision"]) == ("candidate", "", "unknown")


def test_the_page_of_a_list_reads_no_long_text(client, django_assert_max_num_queries):
    MembershipFactory(institution__description="long")

    with django_assert_max_num_queries(10) as asked:
        client.get("/members/")

    assert [query for query in asked.captured_queries if '"description"' in query["sql"]] == []


def test_statuses_of_today_follow_the_clock_of_the_database(client):
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    MembershipFactory(institution__name="Ant", starts_on=tomorrow)

    assert rows(client.get("/members/")) == []
    assert rows(client.get("/members/?status=partner")) == ["Ant"]
    assert rows(client.get(f"/members/?as_of={tomorrow}")) == ["Ant"]


def test_the_same_institutions_are_partners_here_and_in_the_model(client, one_of_each):
    partners = Institution.objects.active().partners().order_by("sort_key").values_list("name", flat=True)

    assert rows(client.get("/members/?status=partner")) == list(partners)
