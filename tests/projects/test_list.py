"""The list of projects."""

import datetime

import pytest

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
from tests.listing import exported, facet, notes, rows
from tests.pages import body, words

pytestmark = pytest.mark.django_db

TODAY = datetime.date.today()
DAY = datetime.timedelta(days=1)


def listed(client, query=""):
    return rows(client.get(f"/projects/?sort=name{query}"))


def test_all_projects_are_listed_newest_first(client):
    ProjectFactory(title="Old", starts_on="2010-01-01", ends_on="2012-01-01")
    ProjectFactory(title="Undated")
    ProjectFactory(title="New", starts_on="2024-01-01")

    assert rows(client.get("/projects/")) == ["New", "Old", "Undated"]
    assert rows(client.get("/projects/?sort=start")) == ["Old", "New", "Undated"]
    assert rows(client.get("/projects/?sort=name")) == ["New", "Old", "Undated"]


def test_status_follows_from_the_dates(client):
    ProjectFactory(title="Planned", starts_on=TODAY + DAY)
    ProjectFactory(title="Active", starts_on=TODAY, ends_on=TODAY)
    ProjectFactory(title="Completed", ends_on=TODAY - DAY)
    ProjectFactory(title="Suspended", suspended_on=TODAY)

    response = client.get("/projects/?status=active")

    assert facet(response, "status") == {"planned": 1, "active": 1, "completed": 1, "suspended": 1}
    for status in ["planned", "active", "completed", "suspended"]:
        assert listed(client, f"&status={status}") == [status.title()]
    assert listed(client, "&status=planned&status=completed") == ["Completed", "Planned"]


@pytest.fixture
def dated(db):
    ProjectFactory(title="Ant", starts_on="2019-12-31", ends_on="2021-01-01")
    ProjectFactory(title="Bee", starts_on=TODAY - 370 * DAY)
    ProjectFactory(title="Cat", starts_on=TODAY.replace(year=TODAY.year + 2, day=1))
    ProjectFactory(title="Dog", ends_on="2020-06-30")


def test_year_finds_what_runs_in_it(client, dated):
    assert listed(client, "&year=2018") == []
    assert listed(client, "&year=2019") == ["Ant"]
    assert listed(client, "&year=2020") == ["Ant"]
    assert listed(client, "&year=2021") == ["Ant"]
    assert listed(client, f"&year={TODAY.year}") == ["Bee"]
    assert listed(client, f"&year={TODAY.year + 1}") == []
    assert listed(client, f"&year={TODAY.year + 2}") == ["Cat"]
    assert listed(client, f"&year=2020&year={TODAY.year}") == ["Ant", "Bee"]


def test_each_year_has_the_number_of_projects_that_it_finds_newest_first(client, dated):
    numbers = facet(client.get("/projects/?year=2020"), "year")

    assert list(numbers) == sorted(numbers, reverse=True)
    assert numbers == {year: len(listed(client, f"&year={year}")) for year in numbers}
    assert {"2019", "2020", "2021", str(TODAY.year), str(TODAY.year + 2)} <= set(numbers)


def test_countries_are_those_of_lead_partners_and_sites_each_once(client):
    project = ProjectFactory(
        title="Ant", lead=InstitutionFactory(country_id="CN"), partners=[InstitutionFactory(country_id="CN")]
    )
    ParticipationFactory(project=project, institution=None, country_id="KE", name_as_given="A school")
    ProjectSiteFactory(project=project, country_id="PK")
    ProjectSiteFactory(project=project, country_id="PK", name="Gilgit")
    ProjectFactory(title="Bee")

    assert facet(client.get("/projects/"), "country") == {"CN": 1, "KE": 1, "PK": 1}
    for country in ["CN", "KE", "PK"]:
        assert listed(client, f"&country={country}") == ["Ant"]


def test_projects_are_narrowed_by_lead_or_partner_center_theme_and_source(client):
    lead, partner = InstitutionFactory(slug="cas", name="CAS"), InstitutionFactory(slug="qau", name="QAU")
    ant = ProjectFactory(title="Ant", lead=lead, partners=[partner], source=SourceFactory(slug="cordis", name="CORDIS"))
    ant.centers.add(CenterFactory(slug="cpjrc", name="Joint Research Center"))
    ant.themes.add(ThemeFactory(slug="hazards", name="Hazards"))
    ProjectFactory(title="Bee", lead=partner)
    response = client.get("/projects/")

    assert listed(client, "&member=cas") == ["Ant"]
    assert listed(client, "&member=qau") == ["Ant", "Bee"]
    assert (
        listed(client, "&center=cpjrc")
        == listed(client, "&theme=hazards")
        == listed(client, "&source=cordis")
        == ["Ant"]
    )
    assert facet(response, "member") == {"qau": 2, "cas": 1}
    assert facet(response, "center") == {"cpjrc": 1}
    assert facet(response, "source") == {"cordis": 1}


def test_only_the_fifty_institutions_with_most_projects_are_offered_but_any_can_be_asked_for(client):
    for number in range(51):
        ProjectFactory(lead=InstitutionFactory(slug=f"i-{number}"), partners=[])
    ProjectFactory(title="Ant", lead=InstitutionFactory(slug="late"))

    response = client.get("/projects/?member=late")

    assert len(facet(client.get("/projects/"), "member")) == 50
    assert rows(response) == ["Ant"]


def test_projects_are_found_by_words_of_title_acronym_code_summary_and_keywords(client):
    ProjectFactory(
        title="Dangerous lakes",
        acronym="GLOF",
        code="ANSO-P-1",
        summary="Moraine dams in Hunza",
        keywords=["early warning"],
        translations={"zh": {"title": "冰湖", "summary": ""}},
    )
    ProjectFactory(title="Other", summary="Moraine")

    for text in [
        "lakes",
        "LAKE",
        "glof",
        "anso-p-1",
        "moraine hunza",
        '"moraine dams"',
        "morai* lakes",
        "warning",
        "冰湖",
        "dangrous",
    ]:
        assert listed(client, f"&q={text}") == ["Dangerous lakes"], text
    assert listed(client, '&q="dams moraine"') == []
    assert listed(client, "&q=morain") == []
    assert listed(client, "&q=moraine") == ["Dangerous lakes", "Other"]


def test_the_best_match_comes_first(client):
    ProjectFactory(title="Nothing", summary="water in a summary")
    ProjectFactory(title="Underwater life")
    ProjectFactory(title="A study of water")
    ProjectFactory(title="Water and people")
    ProjectFactory(title="Water")

    assert rows(client.get("/projects/?q=water")) == [
        "Water",
        "Water and people",
        "A study of water",
        "Underwater life",
        "Nothing",
    ]


def test_a_row_is_a_sentence(client):
    lead = InstitutionFactory(name="CAS", country_id="CN")
    partners = [InstitutionFactory(name=name) for name in ["Quaid-i-Azam University", "B", "C", "D"]]
    project = ProjectFactory(
        title="Hazard and risk",
        acronym="HAR",
        lead=lead,
        starts_on="2023-01-01",
        starts_precision="year",
        ends_on="2027-12-31",
        ends_precision="year",
        summary="Landslides.",
        illustrative=True,
    )
    for position, partner in enumerate(partners):
        ParticipationFactory(project=project, institution=partner, position=position)

    text = words(client.get("/projects/"))

    assert (
        "Hazard and risk active HAR 2023–2027 Led by CAS with Quaid-i-Azam University and 3 more China, Pakistan "
        "illustrative Landslides." in text
    )


@pytest.mark.parametrize(
    ("partners", "sentence"),
    [([], "Led by A & B"), (["C"], "Led by A & B with C"), (["C", "D"], "Led by A & B with C and 1 more")],
)
def test_lead_and_partners_are_told_in_words(client, partners, sentence):
    ProjectFactory(
        title="Ant",
        lead=InstitutionFactory(name="A & B"),
        partners=[InstitutionFactory(name=name) for name in partners],
    )

    assert f"Ant active {sentence} Pakistan" in words(client.get("/projects/"))
    assert "<bdi>A &amp; B</bdi>" in body(client.get("/projects/"))


def test_partners_as_given_stand_in_the_row_too(client):
    ParticipationFactory(project__title="Ant", institution=None, name_as_given="A school")

    assert "Ant active With A school" in words(client.get("/projects/"))


def test_many_countries_are_cut(client):
    project = ProjectFactory(title="Ant")
    for code in ["AT", "BE", "CN", "DE", "EG", "FR", "GR", "HU"]:
        ProjectSiteFactory(project=project, country_id=code)

    assert "Austria, Belgium, China, Egypt, France, Germany and 2 more" in words(client.get("/projects/"))


def test_the_summary_is_cut_at_a_word_and_never_read_whole(client, django_assert_max_num_queries):
    ProjectFactory(summary="word " * 100)

    with django_assert_max_num_queries(10) as asked:
        response = client.get("/projects/")

    assert "word word…" in words(response)
    assert words(response).count("word") < 50
    for sql in (query["sql"] for query in asked.captured_queries):
        assert sql.count('."summary"') == sql.count('LEFT("projects_project"."summary", 220)')
        assert '."search"' not in sql


def test_records_of_other_registers_name_their_source(client):
    ProjectFactory(title="Ant", of_alliance=False, source=SourceFactory(name="CORDIS"))
    ProjectFactory(title="Bee", source=SourceFactory(name="our own office"))

    text = words(client.get("/projects/"))

    assert "from CORDIS" in text
    assert "from our own office" not in text


# --- Drafts


@pytest.fixture
def draft(db):
    host = InstitutionFactory(slug="qau")
    theme = ThemeFactory(slug="secret-theme", name="Secret theme")
    project = ProjectFactory(title="Secret", lead=host, published_at=None, starts_on="2020-01-01", ends_on="2020-12-31")
    project.themes.add(theme)
    project.centers.add(CenterFactory(slug="cpjrc"))
    return project


@pytest.mark.parametrize("who", ["visitor", "stranger", "reviewer"])
def test_a_draft_is_nowhere_for_those_who_may_not_know_of_it(client, draft, who):
    if who != "visitor":
        client.force_login(UserFactory(roles=["reviewer"] if who == "reviewer" else []))

    for query in ["", "?q=secret", "?q=secrt", "?theme=secret-theme", "?member=qau", "?year=2020", "?status=completed"]:
        response = client.get(f"/projects/{query}")
        assert rows(response) == []
        assert response.context["listing"].total == 0
        assert {name: facet(response, name) for name in ["country", "center"]} == {"country": {}, "center": {}}
        assert sum(sum(facet(response, name).values()) for name in ["theme", "status", "member", "year", "source"]) == 0
        for kind in ["csv", "xlsx", "json"]:
            assert exported(client, f"/projects/{query}", kind) == []


@pytest.mark.parametrize("who", ["own", "officer", "administrator"])
def test_a_draft_is_listed_for_its_own_people_and_the_secretariat(client, draft, who):
    user = UserFactory(roles=[] if who == "own" else [who])
    if who == "own":
        InstitutionRoleFactory(user=user, institution=draft.participations.get().institution)
    client.force_login(user)

    response = client.get("/projects/?q=secret")

    assert rows(response) == ["Secret"]
    assert "Secret completed not yet published" in words(response)
    assert facet(response, "theme") == {"secret-theme": 1}
    assert [row["title"] for row in exported(client, "/projects/", "csv")] == ["Secret"]


def test_a_role_that_has_ended_shows_no_draft(client, draft):
    role = InstitutionRoleFactory(
        institution=draft.participations.get().institution, ends_on=TODAY - DAY, starts_on="2020-01-01"
    )
    client.force_login(role.user)

    assert rows(client.get("/projects/")) == []


# --- Files


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_file_holds_the_rows_of_the_list_without_pages(client, kind):
    for number in range(30):
        ProjectFactory(
            title=f"P{number:02}", starts_on=f"20{10 + number % 10}-01-01", ends_on=f"20{10 + number % 10}-12-31"
        )

    whole = rows(client.get("/projects/?size=50"))

    assert len(whole) == 30
    assert [row["title"] for row in exported(client, "/projects/?page=2&size=25", kind)] == whole
    assert [row["title"] for row in exported(client, "/projects/?year=2012", kind)] == ["P22", "P12", "P02"]


def test_a_file_has_the_promised_columns(client, settings):
    project = ProjectFactory(
        slug="ant",
        title="Ant",
        code="ANSO-P-1",
        lead=InstitutionFactory(name="CAS", country_id="CN"),
        partners=[InstitutionFactory(name="QAU")],
        starts_on="2023-01-01",
        starts_precision="year",
        ends_on="2027-12-31",
        ends_precision="unknown",
        amount="1200.50",
        currency="USD",
        keywords=["ice", "rock"],
        source=SourceFactory(name="CORDIS"),
    )
    project.themes.set([ThemeFactory(slug="water"), ThemeFactory(slug="air")])
    project.centers.add(CenterFactory(slug="cpjrc"))

    (row,) = exported(client, "/projects/", "json")

    assert row == {
        "slug": "ant",
        "code": "ANSO-P-1",
        "acronym": "",
        "title": "Ant",
        "status": "active",
        "start": "2023-01-01",
        "start_precision": "year",
        "end": None,
        "end_precision": "unknown",
        "lead": "CAS",
        "partners": ["QAU"],
        "countries": ["CN", "PK"],
        "themes": ["air", "water"],
        "centers": ["cpjrc"],
        "keywords": ["ice", "rock"],
        "budget": 1200.5,
        "currency": "USD",
        "funder": "",
        "funding_programme": "",
        "website": "",
        "summary": "",
        "illustrative": False,
        "source": "CORDIS",
        "address": f"{settings.PORTAL_BASE_URL}/projects/ant/",
    }
    assert exported(client, "/projects/", "csv")[0]["themes"] == "air; water"


def test_a_file_of_nothing_has_its_columns(client):
    response = client.get("/projects/?country=ZZ&format=csv")

    assert response.content.decode().startswith("slug,code,acronym,title,status,")
    assert response.content.count(b"\n") == 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_of_a_file_is_a_formula(client, kind):
    ProjectFactory(
        title='=HYPERLINK("http://example.org")',
        summary="＝1+1",
        acronym="@SUM(A1)",
        funder="+49",
        website="",
        keywords=["-1"],
    )

    (row,) = exported(client, "/projects/", kind)

    assert row["title"] == '\'=HYPERLINK("http://example.org")'
    assert (row["summary"], row["acronym"], row["funder"], row["keywords"]) == ("'＝1+1", "'@SUM(A1)", "'+49", "'-1")


def test_notes_never_tell_a_hidden_record_from_none(client, draft):
    assert notes(client.get("/projects/?center=cpjrc")) == []
    assert notes(client.get("/projects/?member=secret")) == ["There is no institution “secret”."]
