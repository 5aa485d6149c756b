"""What every list does alike, shown on lists of members and projects."""

import pytest
from django.urls import reverse

from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    OfferFactory,
    ProjectFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)
from tests.listing import chips, exported, facet, notes, rows, selected
from tests.pages import body, heading, statements, title, words

pytestmark = pytest.mark.django_db

LISTS = ["members", "centers", "projects", "exchanges"]
NASTY = [
    "\0",
    "\x1b[2J",
    "%",
    "'",
    '"><script>',
    "\ud800".encode("utf-8", "surrogatepass"),
    "9" * 5000,
    "-1",
    "é" * 400,
]


@pytest.fixture
def three(db):
    """Three projects: Ant in Pakistan and Nepal, on water; Bee in Nepal, on water and air; Cat nowhere, on nothing."""
    water, air = ThemeFactory(slug="water", name="Water"), ThemeFactory(slug="air", name="Air")
    nepal = InstitutionFactory(country_id="NP", name="Tribhuvan")
    pakistan = InstitutionFactory(country_id="PK", name="Quaid")
    ProjectFactory(title="Ant", lead=pakistan, partners=[nepal]).themes.set([water])
    ProjectFactory(title="Bee", lead=nepal).themes.set([water, air])
    ProjectFactory(title="Cat")


def get(client, address):
    return client.get(f"/projects/{address}{'&' if '?' in address else '?'}sort=name")


# --- Filters


def test_values_of_one_parameter_are_or_and_different_parameters_are_and(client, three):
    assert rows(get(client, "")) == ["Ant", "Bee", "Cat"]
    assert rows(get(client, "?country=PK")) == ["Ant"]
    assert rows(get(client, "?theme=water&theme=air")) == ["Ant", "Bee"]
    assert rows(get(client, "?theme=air&country=NP")) == ["Bee"]
    assert rows(get(client, "?theme=air&country=PK")) == []


def test_a_record_with_several_of_the_values_stands_in_the_list_once(client, three):
    response = get(client, "?country=PK&country=NP")

    assert rows(response) == ["Ant", "Bee"]
    assert "2 projects" in words(response)


def test_numbers_of_a_facet_do_not_heed_its_own_selection_but_all_others(client, three):
    response = get(client, "?theme=air&country=NP")

    assert facet(response, "theme") == {"water": 2, "air": 1}
    assert facet(response, "country") == {"NP": 1}


def test_a_record_with_several_values_counts_once_under_each(client, three):
    response = get(client, "")

    assert facet(response, "theme") == {"water": 2, "air": 1}
    assert facet(response, "country") == {"NP": 2, "PK": 1}


def test_a_selected_value_without_records_is_kept_and_marked(client, three):
    ThemeFactory(slug="fire", name="Fire")

    response = get(client, "?theme=fire&country=PK")

    assert facet(response, "theme") == {"water": 1, "fire": 0}
    assert selected(response, "theme") == ["fire"]
    assert '<label class="option none"><input type="checkbox" name="theme" value="fire"' in body(response)


def test_facet_values_are_ordered_by_number_then_name_and_the_first_eight_are_open_to_sight(client):
    for name in "jihgfedcba":
        theme = ThemeFactory(slug=name, name=name.upper())
        for _ in range(2 if name == "j" else 1):
            ProjectFactory().themes.add(theme)

    (found,) = [one for one in get(client, "?theme=i").context["listing"].facets if one.name == "theme"]

    assert [option.label for option in found.options] == ["J", "A", "B", "C", "D", "E", "F", "G", "I"]
    assert [option.label for option in found.more] == ["H"]


def test_countries_are_named_and_may_be_asked_for_in_small_letters(client, three):
    response = get(client, "?country=pk")

    assert rows(response) == ["Ant"]
    assert list(chips(response)) == ["Country: Pakistan"]


@pytest.mark.parametrize("path", LISTS)
def test_unknown_parameters_are_ignored(client, path):
    response = client.get(f"/{path}/?colour=green&_connector=OR&id__in=1")

    assert response.status_code == 200
    assert notes(response) == []
    assert chips(response) == {}


# --- What cannot be read, and what names nothing


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("country=ZZ", "No country has the code ZZ."),
        ("country=Pakistan", "No country has the code Pakistan."),
        ("theme=alchemy", "There is no theme “alchemy”."),
        ("theme=al%00chemy", "There is no theme “al\N{REPLACEMENT CHARACTER}chemy”."),
        ("member=nobody", "There is no institution “nobody”."),
        ("center=nowhere", "There is no center “nowhere”."),
        ("source=hearsay", "There is no source “hearsay”."),
        ("status=lost", "Projects have no status “lost”."),
        ("q=***", "“***” holds no word to look for."),
        (f"q={'a' * 501}", "Search with at most 500 characters."),
        ("size=7", "7 is not a page size: 25, 50 or 100."),
        ("format=pdf", "There is no format “pdf”: csv, xlsx or json."),
        ("sort=colour", "There is no order “colour” here."),
    ],
)
def test_a_value_that_names_nothing_finds_no_row_and_says_so(client, three, query, note):
    response = client.get(f"/projects/?{query}")

    assert rows(response) == []
    assert notes(response) == [note]
    assert "0 projects" in words(response)


def test_a_value_that_names_nothing_takes_nothing_from_the_others_of_its_parameter(client, three):
    response = get(client, "?country=ZZ&country=PK")

    assert rows(response) == ["Ant"]
    assert notes(response) == ["No country has the code ZZ."]


def test_many_wrong_values_leave_a_few_notes(client, three):
    response = client.get("/projects/?" + "&".join(f"country=X{number}" for number in range(60)))

    assert len(notes(response)) == 6
    assert notes(response)[-1] == "And 55 more of the values name nothing."


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["page", "as_of", "year"])
@pytest.mark.parametrize("value", ["soon", "1e3", "２０２０", "20 20", "2026-02-30", "0", "-1", "\0"])
def test_page_day_and_year_that_cannot_be_read_are_refused_by_name(client, path, name, value):
    response = client.get(f"/{path}/", {name: value})

    assert response.status_code == 400
    assert f"{name}: “" in words(response)
    assert heading(response) == "This address cannot be read"


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("value", NASTY, ids=lambda value: ascii(value[:8]))
def test_nothing_in_a_value_is_an_error_of_ours(client, path, value):
    InstitutionFactory(member=True)
    for name in ["q", "country", "theme", "member", "center", "kind", "status", "source", "sort", "size", "format"]:
        assert client.get(f"/{path}/", {name: value}).status_code == 200
        assert client.get(f"/{path}/", {name: [value, value], "q": "x"}).status_code == 200
    for name in ["page", "as_of", "year"]:
        assert client.get(f"/{path}/", {name: value}).status_code in (200, 400)


def test_what_was_typed_is_shown_as_text(client):
    response = client.get("/projects/", {"q": '"><script>alert(1)</script>', "country": "<b>"})

    assert "<script>alert" not in body(response)
    assert "No country has the code <b>." in notes(response)


# --- Pages, orders, addresses


def test_pages_hold_as_many_rows_as_asked_for(client):
    for number in range(27):
        ProjectFactory(title=f"P{number}")

    assert len(rows(get(client, ""))) == 25
    assert rows(get(client, "?page=2")) == ["P25", "P26"]
    assert len(rows(get(client, "?size=50"))) == 27
    assert 'href="?sort=name&amp;page=2"' in body(get(client, ""))


@pytest.mark.parametrize("page", ["3", "401", "99999999999999999999"])
def test_a_page_behind_the_last_is_empty_and_leads_back(client, page):
    ProjectFactory(title="Ant")

    response = get(client, f"?theme=&page={page}")

    assert rows(response) == []
    assert "There is nothing on this page" in words(response)
    assert 'href="/projects/?sort=name"' in body(response)


def test_lists_count_to_ten_thousand_and_reach_as_far(client, three, monkeypatch):
    monkeypatch.setattr("toolkit.listing.pages.MOST_ROWS", 2)
    monkeypatch.setattr("toolkit.listing.pages.SIZES", (1, 2))

    response = get(client, "")

    assert "2+ projects" in words(response)
    assert rows(get(client, "?page=2")) == ["Bee"]
    assert rows(get(client, "?page=3")) == []
    assert [row["title"] for row in exported(client, "/projects/?sort=name", "csv")] == ["Ant", "Bee"]


@pytest.mark.parametrize("path", LISTS)
def test_each_order_gives_the_same_rows(client, path, everything):
    names = sorted(rows(client.get(f"/{path}/")))

    for sort in client.get(f"/{path}/?q=alpha").context["listing"].sorts:
        assert sorted(rows(client.get(f"/{path}/?sort={sort.value}"))) == names


def test_chips_take_away_one_value_and_clear_all_takes_away_all(client, three):
    found = chips(get(client, "?theme=air&theme=water&country=NP&q=bee&size=50&page=1"))

    assert found == {
        "Words: “bee”": "/projects/?theme=air&theme=water&country=NP&sort=name&size=50",
        "Theme: Air": "/projects/?q=bee&theme=water&country=NP&sort=name&size=50",
        "Theme: Water": "/projects/?q=bee&theme=air&country=NP&sort=name&size=50",
        "Country: Nepal": "/projects/?q=bee&theme=air&theme=water&sort=name&size=50",
    }
    assert get(client, "?theme=air&page=2").context["listing"].clear_url == "/projects/?sort=name"


def test_a_chip_of_a_wrong_value_takes_it_away_too(client, three):
    assert chips(client.get("/projects/?country=ZZ")) == {"Country: ZZ": "/projects/"}


def test_canonical_address_has_filters_but_no_page(client, three, settings):
    response = get(client, "?country=NP&page=1&size=50&colour=green")

    assert f'<link rel="canonical" href="{settings.PORTAL_BASE_URL}/projects/?country=NP">' in body(response)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_one_heading_and_a_title_that_tells_it_apart(client, path, everything):
    name = heading(client.get(f"/{path}/"))

    assert title(client.get(f"/{path}/")).startswith(f"{name} · ")
    assert title(client.get(f"/{path}/?country=PK&page=1")).startswith(f"{name}: Country: Pakistan · ")


def test_links_of_files_keep_the_filters(client, three):
    assert 'href="?country=NP&amp;sort=name&amp;format=csv"' in body(get(client, "?country=NP&page=1"))


# --- Nothing found


def test_an_empty_list_says_what_it_looked_for_and_drops_the_narrowest_filter(client, three):
    response = get(client, "?theme=air&country=PK&country=AF")

    assert "Nothing here has all of this: Theme: Air; Country: Pakistan; Country: Afghanistan." in words(response)
    way_out = response.context["listing"].way_out
    assert (way_out.label, way_out.url) in [
        ("Without Country: Pakistan, Afghanistan (1)", "/projects/?theme=air&sort=name"),
        ("Without Theme: Air (1)", "/projects/?country=PK&country=AF&sort=name"),
    ]


def test_the_step_that_finds_most_is_offered(client, three):
    way_out = get(client, "?theme=water&q=cat").context["listing"].way_out

    assert (way_out.label, way_out.url) == ("Without Words: “cat” (2)", "/projects/?theme=water&sort=name")


def test_where_no_single_step_finds_anything_all_filters_are_cleared(client, three):
    way_out = get(client, "?theme=air&country=PK&member=tribhuvan").context["listing"].way_out

    assert (way_out.label, way_out.url) == ("Clear all", "/projects/")


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_nothing_says_so(client, path):
    assert "There is nothing here yet." in words(client.get(f"/{path}/"))


# --- What it costs, and who may


@pytest.fixture
def everything(db):
    return build(1)


def build(count: int):
    """That many rows in each list, each with much beside it."""
    source = SourceFactory()
    host = InstitutionFactory(name="Alpha host")
    for number in range(count):
        theme = ThemeFactory()
        member = InstitutionFactory(name=f"Alpha {number}", member=True)
        center = CenterFactory(name=f"Alpha center {number}", sites=["PK", "NP"], source=source)
        center.participations.create(role="host", institution=host, name_as_given="Host")
        project = ProjectFactory(
            title=f"Alpha project {number}",
            lead=member,
            partners=[host, InstitutionFactory()],
            source=source,
            starts_on="2020-01-01",
        )
        offer = OfferFactory(title=f"Alpha offer {number}", open=True, center=center, institution=member)
        for one in (center, project, offer):
            one.themes.add(theme)
        project.centers.add(center)


QUERIES = [
    "",
    "?q=alpha",
    "?q=alfha",
    "?country=PK&country=NP&status=open&status=active&status=member&year=2020&size=100&sort=name",
    "?country=PK&theme=theme-0&member=institution-0&center=center-0&source=source-0&q=alpha&status=member&kind=visit",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_for_1_and_25_rows_and_stays_within_its_budget(client, path):
    readers = {"visitor": None, "officer": UserFactory(roles=["officer"]), "scientist": UserFactory()}
    budgets = {"visitor": 8, "officer": 12, "scientist": 12}
    UserFactory.reset_sequence(0)
    InstitutionFactory.reset_sequence(0)
    ThemeFactory.reset_sequence(0)
    CenterFactory.reset_sequence(0)
    SourceFactory.reset_sequence(0)
    build(1)
    with_one = costs(client, path, readers)
    build(24)

    assert [(who, query, cost) for (who, query), cost in with_one.items() if cost > budgets[who]] == []
    with_more = costs(client, path, readers)
    assert {asked: cost for asked, cost in with_more.items() if cost > with_one[asked]} == {}


def costs(client, path: str, readers: dict) -> dict[tuple[str, str], int]:
    """Statements, by reader and query."""
    found = {}
    for who, user in readers.items():
        client.force_login(user) if user else client.logout()
        found |= {(who, query): statements(client, f"/{path}/{query}") for query in QUERIES}
    return found


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_only_read(client, path):
    assert client.post(reverse(f"{path}:list")).status_code == 405
    assert client.head(reverse(f"{path}:list")).status_code == 200
