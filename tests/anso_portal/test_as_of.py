"""The alliance on a day: what plain SQL says who was a member is what the list, its files, the map and the figures say."""

import datetime

import pytest
from django.db import connection

from members.models import Membership
from tests.factories import InstitutionFactory, InstitutionRoleFactory, MembershipFactory, ProjectFactory
from tests.listing import exported, rows
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db

DAYS = ["2018-11-03", "2018-11-04", "2018-11-05", "2020-02-29", "2021-06-30", "2021-07-01", "2026-01-01", "2999-01-01"]
UNREADABLE = [
    "yesterday",
    "2018-13-01",
    "2018-02-30",
    "20181105",
    "2018-11-5",
    "\x00",
    "2018-11-05T00:00",
    "٢٠١٨-١١-٠٥",
]

# Written without the portal's own words: for each institution its newest decision by that day, and is it “member”?
ORACLE = """
SELECT institution.slug, institution.country_id
FROM members_institution institution
WHERE (
    SELECT decision.standing FROM members_membership decision
    WHERE decision.institution_id = institution.id AND decision.starts_on <= %s
    ORDER BY decision.starts_on DESC, decision.id DESC LIMIT 1
) = 'member'
"""


def oracle(day: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(ORACLE, [day])
        return sorted(cursor.fetchall())


@pytest.fixture
def alliance(db):
    lives = {
        "founder": [("2018-11-04", "member")],
        "early-leaver": [("2018-11-04", "member"), ("2020-02-29", "left")],
        "suspended": [("2018-11-05", "member"), ("2021-06-30", "suspended"), ("2021-07-01", "member")],
        "twice-on-a-day": [("2020-02-29", "member"), ("2020-02-29", "suspended")],
        "candidate": [("2019-01-01", "candidate"), ("2019-06-01", "endorsed"), ("2021-07-01", "member")],
        "refused": [("2019-01-01", "candidate"), ("2019-06-01", "partner")],
        "observer": [("2018-11-04", "observer")],
        "to-come": [("2999-01-01", "member")],
        "partner": [],
    }
    for number, (slug, life) in enumerate(lives.items()):
        country = ("PK", "NP", "BR")[number % 3]
        institution = InstitutionFactory(
            slug=slug, name=slug.title(), country_id=country, latitude=number * 9, longitude=0
        )
        for day, standing in life:
            MembershipFactory(institution=institution, standing=standing, starts_on=day)
    InstitutionFactory(slug="gone", country_id="PK", record_status="withdrawn", member=True)


@pytest.mark.parametrize("day", DAYS)
def test_list_files_map_figures_and_countries_agree_with_plain_sql(client, alliance, day):
    members = oracle(day)
    slugs, countries = [slug for slug, _country in members], {country for _slug, country in members}

    exports = [exported(client, f"/members/?as_of={day}", kind) for kind in ("json", "csv", "xlsx")]
    home = client.get(f"/?as_of={day}")
    figures = {label: (number, url) for number, label, url in home.context["figures"]}
    pages = {code: client.get(f"/countries/{code}/?as_of={day}") for code in ("PK", "NP", "BR")}

    for export in exports:
        assert sorted(row["slug"] for row in export) == slugs
    assert {label.partition(" ")[0]: number for label, (number, _url) in figures.items()} == {
        "member": len(slugs),
        "country" if len(countries) == 1 else "countries": len(countries),
    }
    assert sum(mark.count for mark in home.context["map"].dots) == len(slugs)
    assert {url for _name, url, _count in home.context["countries"]} == {
        f"/countries/{code}/?as_of={day}" for code in countries
    }
    for code, page in pages.items():
        there = sorted(slug for slug, country in members if country == code)
        assert sorted(one.slug for one in page.context["members"]) == there
        number, _label, url = page.context["figures"][0]
        assert number == len(there) == len(exported(client, url, "json"))
        number, _label, url = page.context["figures"][1]
        assert number == len(exported(client, url, "json"))


def test_pages_of_a_day_say_so_and_their_links_keep_it(client, alliance):
    query = "?as_of=2018-11-05"
    home, country, listed = (client.get(f"{path}{query}") for path in ("/", "/countries/PK/", "/members/"))
    record = client.get(f"/members/founder/{query}")

    assert heading(home) == "The alliance as it was on 5 Nov 2018"
    assert "The members of Pakistan as they were on 5 Nov 2018; all else is of today." in words(country)
    assert "The alliance as it was on 5 Nov 2018." in words(listed)
    assert "Its standing as it was on 5 Nov 2018" in words(record)
    assert {f"/members/{query}", f"/countries/PK/{query}", "/"} <= set(links(home))
    assert f"/members/founder/{query}" in links(country)
    assert f"/members/?country=PK&{query[1:]}" in links(country)
    assert f"/members/founder/{query}" in links(listed)
    assert f"/{query}" in links(listed)
    for page in (country, record):
        assert page.wsgi_request.path in links(page)
    assert 'content="noindex"' in body(home)


def test_institution_shows_its_standing_on_the_day(client, alliance):
    def standing(day):
        return client.get(f"/members/suspended/?as_of={day}").context["institution"].standing

    days = ["2018-11-04", "2018-11-05", "2021-06-30", "2021-07-01"]
    assert [standing(day) for day in days] == [None, "member", "suspended", "member"]


def test_day_without_members_is_a_whole_page(client, alliance):
    page = client.get("/?as_of=1900-01-01")

    assert "On that day no institution was a member." in words(page)
    assert page.context["map"].dots == []


@pytest.mark.parametrize("day", UNREADABLE)
@pytest.mark.parametrize("path", ["/", "/members/", "/countries/PK/", "/members/founder/"])
def test_what_is_no_day_is_refused_with_its_name(client, alliance, path, day):
    response = client.get(path, {"as_of": day})

    assert response.status_code == 400
    assert "as_of:" in words(response)


@pytest.mark.parametrize("path", ["/", "/countries/PK/", "/members/founder/"])
def test_empty_day_is_today_and_the_last_day_given_holds(client, alliance, path):
    assert "As it was" not in words(client.get(f"{path}?as_of=")).replace("As it was on Show this day", "")
    assert "2 Jan 2020" in words(client.get(f"{path}?as_of=2019-01-01&as_of=2020-01-02"))


def test_code_in_small_letters_keeps_the_day(client):
    assert client.get("/countries/pk/?as_of=2018-11-05").url == "/countries/PK/?as_of=2018-11-05"


def fill(count):
    for _ in range(count):
        ProjectFactory(lead=InstitutionFactory(member=True, latitude=10, longitude=10))


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
@pytest.mark.parametrize("path", ["/", "/countries/PK/", "/members/founder/"])
def test_days_cost_no_more_than_today(client, alliance, who, budget, path):
    fill(1)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)
    cost = statements(client, f"{path}?as_of=2020-01-01")

    fill(9)

    assert statements(client, f"{path}?as_of=2020-01-01") == cost <= budget
    assert cost <= statements(client, path)


def test_today_is_the_database_s_day(client, alliance):
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    active = [row for row in oracle(today) if row[0] != "gone"]

    assert len(rows(client.get("/members/"))) == len(active) == client.get("/").context["figures"][0][0]
    assert Membership.objects.filter(starts_on__gt=today).exists()
