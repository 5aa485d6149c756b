import html
from urllib.parse import quote

import pytest

from members.models import InstitutionIdentifier
from projects.models import Output
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    ThemeFactory,
)
from tests.listing import exported
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db


def search(client, text):
    return client.get("/search/", {"q": text})


def found(response) -> dict[str, list]:
    """The rows of each group by its title; an empty dictionary where nothing was found."""
    assert response.status_code == 200
    return {group.title: group.rows for group in response.context["groups"]}


@pytest.fixture
def academy():
    return InstitutionFactory(
        name="Russian Académie of Sciences",
        acronym="RAS",
        ror="05qrfxd25",
        member=True,
        names=[
            ("Российская академия наук", "ru", "label"),
            ("俄罗斯科学院", "zh", "label"),
            ("الأكاديمية الروسية", "ar", "label"),
        ],
    )


@pytest.mark.parametrize(
    "text",
    [
        "Russian Académie of Sciences",
        "russian academie",
        "RUSSIAN SCIENCES",
        "RAS",
        "Российская академия",
        "俄罗斯科学院",
        "الأكاديمية الروسية",
        "Rusian Academie of Sciences",
        "Russian Acadenie",
        '"academie of sciences"',
        "acad* russian",
    ],
)
def test_institution_is_found_by_any_of_its_names(client, academy, text):
    InstitutionFactory(name="University of Dhaka")

    assert found(search(client, text)) == {"Members": [academy]}


@pytest.mark.parametrize(
    "text", ["05qrfxd25", "https://ror.org/05qrfxd25", " ror.org/05qrfxd25/ ", "<https://ror.org/05QRFXD25>"]
)
def test_ror_leads_straight_to_the_institution(client, academy, text):
    response = search(client, text)

    assert (response.status_code, response["Location"]) == (302, academy.get_absolute_url())


def test_mistyped_ror_is_searched_as_words(client, academy):
    assert search(client, "05qrfxd26").status_code == 200


def test_orcid_leads_to_a_public_person(client):
    person = PersonFactory(orcid="0000-0002-1825-0097")

    response = search(client, "https://orcid.org/0000-0002-1825-0097")

    assert response["Location"] == person.get_absolute_url()


@pytest.mark.parametrize("text", ["huan li", "李焕", "glacier floods"])
def test_person_is_found_by_name_in_any_script_and_by_expertise(client, text):
    person = PersonFactory(name="Li Huan", translations={"zh": "李焕"}, expertise=["Glacier floods"])
    PersonFactory(name="Li Huanying", translations={"zh": "李焕英"}, expertise=["Glacier floods"], is_public=False)

    assert found(search(client, text)) == {"People": [person]}


def test_orcid_of_a_private_person_leads_nowhere(client):
    AffiliationFactory(person__orcid="0000-0002-1825-0097", person__is_public=False)

    assert found(search(client, "0000-0002-1825-0097")) == {}


def test_doi_leads_to_its_project_when_there_is_one(client):
    project = ProjectFactory()
    Output.objects.create(project=project, kind="dataset", title="Data", doi="10.1234/abc")

    assert search(client, "https://doi.org/10.1234/ABC")["Location"] == project.get_absolute_url()

    Output.objects.create(project=ProjectFactory(), kind="dataset", title="Data", doi="10.1234/abc")
    assert search(client, "10.1234/abc").status_code == 200


@pytest.mark.parametrize("text", ["ANSO-P-2026-0042", "anso-p-2026-0042"])
def test_code_leads_to_its_project(client, text):
    project = ProjectFactory(code="ANSO-P-2026-0042")

    assert search(client, text)["Location"] == project.get_absolute_url()


@pytest.mark.parametrize(
    "text",
    [
        "Q530471",
        "q530471",
        "https://www.wikidata.org/wiki/Q530471",
        "0000 0001 1957 3309",
        "0000000119573309",
        "grid.9227.e",
    ],
)
def test_other_identifiers_lead_to_their_institution(client, text):
    institution = InstitutionFactory()
    for scheme, value in [("isni", "0000 0001 1957 3309"), ("wikidata", "Q530471"), ("grid", "grid.9227.e")]:
        InstitutionIdentifier.objects.create(institution=institution, scheme=scheme, value=value)

    assert search(client, text)["Location"] == institution.get_absolute_url()


def test_draft_is_not_betrayed_by_its_code_or_doi(client):
    project = ProjectFactory(code="ANSO-P-2026-0042", published_at=None)
    Output.objects.create(project=project, kind="dataset", title="Data", doi="10.1234/abc")

    for text in ("ANSO-P-2026-0042", "10.1234/abc", project.title):
        assert found(search(client, text)) == {}


def test_all_kinds_of_records_are_found_in_their_groups(client):
    member, partner = (
        InstitutionFactory(name="Glacier Academy", member=True),
        InstitutionFactory(name="Glacier Institute"),
    )
    gone = InstitutionFactory(name="Glacier Bureau", record_status="inactive")
    center = CenterFactory(summary="Watches glaciers: glacier lakes above all.")
    project, offer = ProjectFactory(keywords=["glacier"]), OfferFactory(title="Glacier school", open=True)
    theme = ThemeFactory(name="Glacier change")

    response = search(client, "glacier")

    assert found(response) == {
        "Members": [member],
        "Other institutions": [partner],
        "Observers, candidates, and institutions no longer active": [gone],
        "Centers": [center],
        "Projects": [project],
        "Exchanges": [offer],
    }
    assert response.context["themes"] == [theme]
    assert "7 records found." in words(response)
    assert {record.get_absolute_url() for record in (member, partner, gone, center, project, offer, theme)} <= set(
        links(response)
    )


def test_groups_lead_to_lists_that_find_as_many(client):
    for n in range(7):
        InstitutionFactory(name=f"Glacier Academy {n}", member=True)
        InstitutionFactory(name=f"Glacier Institute {n}")
        InstitutionFactory(name=f"Glacier Bureau {n}", record_status="inactive")
        InstitutionFactory(name=f"Glacier Office {n}").memberships.create(standing="left", starts_on="2020-01-01")
        CenterFactory(name=f"Glacier Center {n}")
        ProjectFactory(title=f"Glacier lakes {n}")
        OfferFactory(title=f"Glacier school {n}", open=True)

    groups = search(client, "glacier").context["groups"]

    assert [(len(group.rows), group.total, group.more) for group in groups] == [
        (5, 7, 2),
        (5, 7, 2),
        (5, 14, 9),
        (5, 7, 2),
        (5, 7, 2),
        (5, 7, 2),
    ]
    for group in groups:
        assert len(exported(client, group.url, "json")) == group.total


def test_best_name_comes_first(client):
    within = InstitutionFactory(name="Institute at the Academy", member=True)
    itself = InstitutionFactory(name="Academy", member=True)

    assert found(search(client, "academy"))["Members"] == [itself, within]


@pytest.mark.parametrize(
    ("text", "codes"), [("Пакистан", ["PK"]), ("pakistan", ["PK"]), ("PK", ["PK"]), ("巴基斯坦", ["PK"])]
)
def test_countries_are_found_in_many_languages(client, text, codes):
    response = search(client, text)

    assert [country.code for country in response.context["countries"]] == codes
    assert "/countries/PK/" in links(response)


def test_country_is_found_with_a_letter_wrong(client):
    assert "PK" in [country.code for country in search(client, "Pakistam").context["countries"]]


def test_similar_words_are_said_to_be_only_similar(client, academy):
    assert "No record has all your words; these have words like them." in words(search(client, "Russian Acadenie"))
    assert "words like them" not in words(search(client, "Russian"))


def test_similar_names_do_not_stand_beside_exact_ones(client):
    ProjectFactory(title="Glacier lakes")
    InstitutionFactory(name="Glazier Institute", member=True)

    assert list(found(search(client, "glacier"))) == ["Projects"]


def test_empty_search_shows_how_to_search(client):
    response = client.get("/search/")

    assert heading(response) == "Search"
    assert "<details open>" in body(response)
    assert "records found" not in words(response)


def test_search_without_result_suggests_what_to_do(client):
    response = search(client, "zzyzx qwrtp")

    assert "Nothing found" in words(response)
    assert "/members/" in links(response)


def test_words_come_back_escaped(client):
    text = '"><script>alert(1)</script>'

    response = search(client, text)

    assert "<script>alert" not in body(response)
    assert html.escape(text) in body(response)


@pytest.mark.parametrize(
    "text",
    [
        "\x00",
        "a\x00b",
        "x" * 1_000_000,
        "wört " * 100_000,
        "\u202e\u200f\ufeff",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "%",
        "%%_\\",
        "'; DROP TABLE x; --",
        "& | ! ( ) : * <->",
        '"""',
        "*",
        "a*b* *c",
        "ﷺ" * 300,
        "İstanbul ẞ ǅ",
        "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘",
        "10.1/",
        "ror.org/",
        "1e400",
        "9" * 150,
        "\n\t \r",
    ],
)
def test_no_text_breaks_the_search(client, academy, text):
    assert search(client, text).status_code == 200


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%00", "q=%ed%a0%80", "q=a&q=b", "q", "q[]=x", "q=" + quote("٪؟")])
def test_no_bytes_break_the_search(client, query):
    assert client.get(f"/search/?{query}").status_code == 200


def test_long_text_is_cut_and_said_to_be(client, academy):
    response = search(client, "Russian " + "sciences " * 40)

    assert "only its first 200 characters were looked for" in words(response)
    assert found(response) == {"Members": [academy]}


def test_search_can_only_be_read(client):
    assert client.post("/search/", {"q": "x"}).status_code == 405


def fill(word, count):
    for n in range(count):
        for status in ("active", "inactive"):
            InstitutionFactory(name=f"{word} Academy {n}", member=True, record_status=status)
        InstitutionFactory(name=f"{word} Institute {n}")
        CenterFactory(name=f"{word} Center {n}", sites=["PK", "NP"])
        ProjectFactory(title=f"{word} lakes {n}", lead=InstitutionFactory())
        OfferFactory(title=f"{word} school {n}", open=True)
        ThemeFactory(name=f"{word} change {n}")
        AffiliationFactory(person__name=f"{word} Person {n}")


@pytest.mark.parametrize("letters", ["Moraine", "Mokraine"])
@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget, letters):
    """Also with a typing error, which asks each kind of record twice."""
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)
    fill("Moraine", 1)
    cost = statements(client, f"/search/?q={letters}+1")  # the digit makes it look like a code as well

    fill("Moraine", 25)

    assert statements(client, f"/search/?q={letters}+1") <= budget
    assert cost <= budget
    assert search(client, f"{letters} 1").context["total"]
