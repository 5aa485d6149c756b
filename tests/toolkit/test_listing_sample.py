"""Totals and facets of every list over the sample alliance, counted a second time in plain SQL."""

import pytest
from django.db import connection

from tests.listing import exported, facet, rows
from tests.sample import sample_loaded

MEMBERS = """
    SELECT i.*, CASE
        WHEN i.record_status <> 'active' THEN 'inactive'
        WHEN m.standing = 'endorsed' THEN 'candidate'
        ELSE COALESCE(m.standing, 'partner')
    END AS status
    FROM members_institution i
    LEFT JOIN (
        SELECT DISTINCT ON (institution_id) institution_id, standing FROM members_membership
        WHERE starts_on <= (now() AT TIME ZONE 'UTC')::date ORDER BY institution_id, starts_on DESC, id DESC
    ) m ON m.institution_id = i.id
"""
CENTERS = """
    SELECT *, CASE WHEN closed_on <= (now() AT TIME ZONE 'UTC')::date THEN 'closed' ELSE 'active' END AS status
    FROM centers_center
"""
PROJECTS = """
    SELECT *, CASE
        WHEN ends_on < (now() AT TIME ZONE 'UTC')::date THEN 'completed'
        WHEN suspended_on <= (now() AT TIME ZONE 'UTC')::date THEN 'suspended'
        WHEN starts_on > (now() AT TIME ZONE 'UTC')::date THEN 'planned'
        ELSE 'active'
    END AS status FROM projects_project WHERE published_at IS NOT NULL
"""
OFFERS = """
    SELECT *, CASE WHEN state = 'open' AND apply_by > now() THEN 'open' ELSE 'closed' END AS status
    FROM exchanges_offer WHERE state <> 'draft'
"""
PROJECT_COUNTRIES = """
    SELECT DISTINCT project_id, country_id FROM (
        SELECT project_id, country_id FROM projects_participation UNION ALL SELECT project_id, country_id FROM projects_projectsite
    ) AS places
"""
RECORDS = {"members": MEMBERS, "centers": CENTERS, "projects": PROJECTS, "exchanges": OFFERS}

# For each list and facet: the pairs of record and value, written without the code that is tested.
VALUES = {
    "members": {
        "status": "SELECT id AS record, status AS value FROM records",
        "country": "SELECT id AS record, country_id AS value FROM records",
        "kind": "SELECT id AS record, kind AS value FROM records",
    },
    "centers": {
        "status": "SELECT id AS record, status AS value FROM records",
        "country": "SELECT center_id AS record, country_id AS value FROM centers_centersite",
        "theme": """SELECT center_id AS record, slug AS value FROM centers_center_themes
            JOIN vocabularies_theme t ON t.id = theme_id""",
        "member": """SELECT center_id AS record, slug AS value FROM centers_centerinstitution
            JOIN members_institution i ON i.id = institution_id""",
    },
    "projects": {
        "status": "SELECT id AS record, status AS value FROM records",
        "country": f"SELECT project_id AS record, country_id AS value FROM ({PROJECT_COUNTRIES}) AS p",
        "theme": """SELECT project_id AS record, slug AS value FROM projects_project_themes
            JOIN vocabularies_theme t ON t.id = theme_id""",
        "center": """SELECT project_id AS record, slug AS value FROM projects_project_centers
            JOIN centers_center c ON c.id = center_id""",
        "member": """SELECT project_id AS record, slug AS value FROM projects_participation
            JOIN members_institution i ON i.id = institution_id""",
        "source": "SELECT r.id AS record, s.slug AS value FROM records r JOIN vocabularies_source s ON s.id = r.source_id",
        "year": """SELECT id AS record, year::text AS value FROM records, generate_series(1900, 2100) AS year
            WHERE starts_on <= make_date(year, 12, 31)
            AND COALESCE(ends_on, GREATEST(starts_on, (now() AT TIME ZONE 'UTC')::date)) >= make_date(year, 1, 1)""",
    },
    "exchanges": {
        "status": "SELECT id AS record, status AS value FROM records",
        "country": "SELECT id AS record, country_id AS value FROM records",
        "kind": "SELECT id AS record, kind AS value FROM records",
        "theme": """SELECT offer_id AS record, slug AS value FROM exchanges_offer_themes
            JOIN vocabularies_theme t ON t.id = theme_id""",
        "center": "SELECT r.id AS record, c.slug AS value FROM records r JOIN centers_center c ON c.id = r.center_id",
        "member": "SELECT r.id AS record, i.slug AS value FROM records r JOIN members_institution i ON i.id = r.institution_id",
    },
}
DEFAULTS = {"members": {"status": ["member"]}, "centers": {"status": ["active"]}, "projects": {}, "exchanges": {}}
QUERIES = {
    "members": [
        {},
        {"status": ["partner"]},
        {"country": ["PK", "CN"]},
        {"status": ["partner", "member"], "kind": ["academy"]},
    ],
    "centers": [{}, {"country": ["PK"]}, {"country": ["KE", "LK", "NP"]}],
    "projects": [
        {},
        {"country": ["PK"]},
        {"status": ["completed"], "country": ["CH", "DE"]},
        {"year": ["2016", "2024"]},
        {"year": ["2019"], "status": ["completed", "active"], "country": ["KE", "NP", "ET"]},
    ],
    "exchanges": [{}, {"status": ["open"]}, {"country": ["PK", "CN"], "status": ["open", "closed"]}],
}
MOST = {"member": 50}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with sample_loaded(django_db_blocker) as output:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # the planner may hold what earlier tests left behind
        yield output


pytestmark = [pytest.mark.usefixtures("loaded", "db"), pytest.mark.time_limit(120)]


def count(path: str, chosen: dict, facet_name: str | None = None) -> dict[str, int] | int:
    """What the list must say: the numbers of one facet, or with no facet the total."""
    asked = {**DEFAULTS[path], **chosen}
    conditions, parameters = [], []
    for name, values in asked.items():
        if name != facet_name:
            conditions.append(f"id IN (SELECT record FROM ({VALUES[path][name]}) AS v WHERE value = ANY(%s))")
            parameters.append(values)
    found = f"SELECT id FROM records WHERE {' AND '.join(conditions or ['TRUE'])}"
    if facet_name:
        statement = f"""SELECT value, COUNT(DISTINCT record) FROM ({VALUES[path][facet_name]}) AS v
            WHERE record IN ({found}) AND value IS NOT NULL GROUP BY value"""
    else:
        statement = f"SELECT 'total', COUNT(*) FROM ({found}) AS f"
    with connection.cursor() as cursor:
        cursor.execute(f"WITH records AS ({RECORDS[path]}) {statement}", parameters)
        numbers = dict(cursor.fetchall())
    return numbers if facet_name else numbers["total"]


CASES = [(path, chosen) for path, queries in QUERIES.items() for chosen in queries]


def ident(value):
    return value if isinstance(value, str) else "&".join(f"{name}={','.join(values)}" for name, values in value.items())


@pytest.mark.parametrize(("path", "chosen"), CASES, ids=ident)
def test_facets_and_totals_agree_with_plain_sql(client, path, chosen):
    response = client.get(f"/{path}/", chosen)

    assert response.context["listing"].total == count(path, chosen)
    for name in VALUES[path]:
        expected = count(path, chosen, name)
        shown = {value: number for value, number in facet(response, name).items() if number}
        if name in MOST and len(expected) > MOST[name]:
            assert sorted(shown.values()) == sorted(expected.values(), reverse=True)[: MOST[name]][::-1]
            assert shown.items() <= expected.items()
        else:
            assert shown == expected


@pytest.mark.parametrize(("path", "chosen"), CASES, ids=ident)
def test_every_number_of_a_facet_is_the_total_of_its_link(client, path, chosen):
    for one in client.get(f"/{path}/", chosen).context["listing"].facets:
        for option in one.options[:3]:
            response = client.get(f"/{path}/", {**chosen, one.name: [option.value]})
            assert response.context["listing"].total == option.count, (one.name, option.value)


@pytest.mark.parametrize(("path", "chosen"), CASES, ids=ident)
def test_pages_and_files_hold_as_many_rows_as_the_total_says(client, path, chosen):
    total = client.get(f"/{path}/", chosen).context["listing"].total
    pages = [
        rows(client.get(f"/{path}/", {**chosen, "size": 100, "page": page + 1})) for page in range(-(-total // 100))
    ]
    query = "&".join(f"{name}={value}" for name, values in chosen.items() for value in values)
    name = "name" if path in ("members", "centers") else "title"
    exports = [[row[name] for row in exported(client, f"/{path}/?{query}", kind)] for kind in ("csv", "xlsx", "json")]

    shown = [row for page in pages for row in page]
    assert len(shown) == total
    assert exports[0] == exports[2] == shown
    assert len(exports[1]) == total


def test_the_sample_has_something_to_count(client):
    assert {path: bool(count(path, {})) for path in RECORDS} == dict.fromkeys(RECORDS, True)
