"""People are found by what they know, and not taken along."""

import pytest
from django.db import connection

from members.views import people
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ThemeFactory, UserFactory
from tests.listing import chips, exported, facet, notes, rows
from tests.members.people.acts import LONG_AGO
from tests.pages import statements, words

pytestmark = pytest.mark.django_db


# --- The list


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ayesha Malik", "Bandula Perera", "Chen Wei"]),
        ("?q=malik", ["Ayesha Malik"]),
        ("?q=陈伟", ["Chen Wei"]),
        ("?q=drinking+water", ["Bandula Perera"]),
        ("?q=malick", ["Ayesha Malik"]),
        ("?expertise=drones", ["Ayesha Malik", "Chen Wei"]),
        ("?expertise=drones&expertise=drinking+water", ["Ayesha Malik", "Bandula Perera", "Chen Wei"]),
        ("?theme=water", ["Bandula Perera"]),
        ("?country=PK", ["Ayesha Malik"]),
        ("?country=LK&country=PK", ["Ayesha Malik", "Bandula Perera"]),
        ("?member=qau", ["Ayesha Malik"]),
        ("?language=en", ["Ayesha Malik", "Bandula Perera"]),
        ("?language=en&expertise=drones", ["Ayesha Malik"]),
    ],
)
def test_people_are_found_by_what_they_know_and_where_they_work_today(client, three, query, names):
    assert rows(client.get(f"/people/{query}")) == names


def test_facets_count_each_person_once_under_each_value(client, three):
    ayesha, _bandula, _chen = three
    AffiliationFactory(person=ayesha, institution=InstitutionFactory(slug="second"))

    response = client.get("/people/")

    assert facet(response, "expertise") == {"drones": 2, "glacier floods": 1, "drinking water": 1}
    assert facet(response, "theme") == {"water": 1}
    assert facet(response, "country") == {"PK": 1, "LK": 1}
    assert facet(response, "member") == {"qau": 1, "ruhuna": 1, "second": 1}
    assert facet(response, "language") == {"en": 2, "ur": 1, "si": 1, "zh": 1}
    assert facet(client.get("/people/?country=PK"), "country") == {"PK": 1, "LK": 1}
    assert facet(client.get("/people/?country=PK"), "expertise") == {"drones": 1, "glacier floods": 1}


def test_facets_agree_with_plain_sql(client):
    institutions = [InstitutionFactory(country_id=code) for code in ("PK", "NP", "LK")]
    for number in range(30):
        person = PersonFactory(
            is_public=number % 5 != 0,
            expertise=[f"field {number % 3}"],
            languages=["en"] if number % 2 else ["zh", "en"],
        )
        for step in range(number % 3):
            ended = LONG_AGO if (number + step) % 4 == 0 else None
            AffiliationFactory(person=person, institution=institutions[(number + step) % 3], ends_on=ended)
    sql = {
        "country": """
            SELECT i.country_id, count(DISTINCT p.id) FROM members_person p
            JOIN members_affiliation a ON a.person_id = p.id AND (a.ends_on IS NULL OR a.ends_on >= current_date)
            JOIN members_institution i ON i.id = a.institution_id WHERE p.is_public GROUP BY 1""",
        "expertise": "SELECT unnest(expertise), count(*) FROM members_person WHERE is_public GROUP BY 1",
        "language": "SELECT unnest(languages), count(*) FROM members_person WHERE is_public GROUP BY 1",
    }

    response = client.get("/people/")

    for name, statement in sql.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert facet(response, name) == dict(cursor.fetchall()), name


def test_what_names_nothing_is_said(client, three):
    assert notes(client.get("/people/?expertise=alchemy")) == ["Nobody here names “alchemy” as expertise."]
    assert notes(client.get("/people/?language=xx")) == ["Nobody here speaks “xx”."]
    assert notes(client.get("/people/?member=nowhere")) == ["There is no institution “nowhere”."]
    assert notes(client.get("/people/", {"expertise": "a\x00b"})) != []
    for query in ("?expertise=alchemy", "?language=xx", "?member=nowhere", "?country=ZZ", "?theme=x"):
        assert rows(client.get(f"/people/{query}")) == []


def test_what_was_asked_for_stands_in_chips_that_take_it_away(client, three):
    response = client.get("/people/?language=ur&expertise=drones&country=PK")

    assert chips(response) == {
        "Language: Urdu": "/people/?expertise=drones&country=PK",
        "Expertise: drones": "/people/?country=PK&language=ur",
        "Country: Pakistan": "/people/?expertise=drones&language=ur",
    }


def test_row_says_who_somebody_is_and_what_they_know(client, three):
    text = words(client.get("/people/?q=ayesha"))

    institution = three[0].affiliations.get().institution.name
    assert f"Ayesha Malik Lecturer, {institution}, Pakistan glacier floods · drones" in text


@pytest.mark.parametrize(("who", "budget"), [("visitor", 8), ("scientist", 12), ("officer", 12)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    if who != "visitor":
        client.force_login(UserFactory(roles=["officer"] if who == "officer" else []))

    def fill(number):
        for _ in range(number):
            person = PersonFactory(name="Glacier Person", expertise=["ice"], languages=["en"])
            person.themes.add(ThemeFactory())
            AffiliationFactory(person=person)

    fill(1)
    addresses = ["/people/", "/people/?q=glacier", "/people/?q=glazier&country=PK&expertise=ice&language=en"]
    costs = [statements(client, address) for address in addresses]
    fill(25)

    assert [statements(client, address) for address in addresses] == costs
    assert max(costs) <= budget


# --- Files and look-ups: for finding somebody, not for taking everybody along


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_file_holds_the_rows_of_the_list(signed_in, three, kind):
    for address in ("/people/", "/people/?expertise=drones"):
        assert [row["name"] for row in exported(signed_in, address, kind)] == rows(signed_in.get(address))


def test_file_has_the_promised_columns(signed_in, three, settings):
    (row,) = exported(signed_in, "/people/?q=bandula", "json")

    person = three[1]
    assert row == {
        "slug": person.slug,
        "name": "Bandula Perera",
        "other_names": [],
        "positions": ["Professor"],
        "institutions": [person.affiliations.current().get().institution.name],
        "countries": ["LK"],
        "expertise": ["drinking water"],
        "themes": ["water"],
        "languages": ["en", "si"],
        "orcid": "",
        "public": True,
        "illustrative": False,
        "address": settings.PORTAL_BASE_URL + person.get_absolute_url(),
    }


def test_visitor_gets_no_file(client, three):
    response = client.get("/people/?format=json")

    assert response.status_code == 403
    assert "Files of people are for those who have signed in." in words(response)
    assert "to take these results along as a file" in words(client.get("/people/"))


def test_file_of_very_many_is_refused_with_what_to_do(signed_in, three, monkeypatch):
    monkeypatch.setattr(people, "MOST_IN_A_FILE", 2)

    response = signed_in.get("/people/?format=csv")

    assert response.status_code == 403
    assert "A file holds at most 2 people: narrow the list first." in words(response)
    assert signed_in.get("/people/?format=csv&expertise=drones").status_code == 200
    signed_in.force_login(UserFactory(roles=["officer"]))
    assert signed_in.get("/people/?format=csv").status_code == 200


def test_many_files_within_the_hour_are_refused(signed_in, three):
    codes = [signed_in.get("/people/?format=csv").status_code for _ in range(11)]

    assert codes == [200] * 10 + [403]


def test_t15_lookup_needs_three_letters_and_gives_ten_people_at_most(signed_in):
    for number in range(12):
        PersonFactory(name=f"Wanjiru {number:02}", slug=f"wanjiru-{number}")
    AffiliationFactory(person__name="Ayesha Malik", person__slug="ayesha", institution__name="QAU")

    for text in ("", "wa", "w a", "--a", "  wa  "):
        assert signed_in.get("/people/lookup/", {"q": text}).status_code == 400
    assert len(signed_in.get("/people/lookup/", {"q": "wan"}).json()["people"]) == 10
    assert signed_in.get("/people/lookup/", {"q": "malik"}).json() == {
        "people": [{"slug": "ayesha", "name": "Ayesha Malik", "institutions": ["QAU"]}]
    }


def test_t15_lookup_finds_public_profiles_alone_even_for_an_officer(client):
    PersonFactory(name="Private Person", is_public=False)
    client.force_login(UserFactory(roles=["officer"]))

    assert client.get("/people/lookup/", {"q": "private"}).json() == {"people": []}


def test_t15_lookup_is_for_those_who_signed_in_and_not_for_all_the_time(client):
    assert client.get("/people/lookup/?q=malik").status_code == 302
    client.force_login(UserFactory())

    codes = [client.get("/people/lookup/?q=malik").status_code for _ in range(31)]

    assert codes == [200] * 30 + [429]
    client.force_login(UserFactory())
    assert client.get("/people/lookup/?q=malik").status_code == 200


@pytest.mark.parametrize("who", ["visitor", "scientist"])
def test_t15_enumerating_numbers_finds_nobody_and_is_stopped(client, who):
    people = [PersonFactory(), PersonFactory(is_public=False)]
    if who == "scientist":
        client.force_login(UserFactory())

    codes = [client.get(f"/people/{number}/").status_code for number in range(1, 101)]

    assert codes == [404] * 30 + [429] * 70
    assert client.get(people[0].get_absolute_url()).status_code == 200  # who has an address is not kept out
    assert client.get(people[1].get_absolute_url()).status_code == 429
