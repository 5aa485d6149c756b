"""Who goes where: the balance of countries and institutions, of the stays that the reader may know of."""

import datetime
import re

import pytest

from exchanges.models import Stay
from tests.factories import InstitutionFactory, InstitutionRoleFactory, OfferFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/desk/exchanges/mobility/"


@pytest.fixture
def world(db):
    nepal = InstitutionFactory(name="Nepal House", country_id="NP")
    pakistan = InstitutionFactory(name="Pakistan House", country_id="PK")
    china = InstitutionFactory(name="China House", country_id="CN")
    for home, host, year, state in [
        (nepal, pakistan, 2025, "closed"),
        (nepal, pakistan, 2026, "approved"),
        (pakistan, nepal, 2026, "under_way"),
        (china, pakistan, 2026, "closed"),
        (china, nepal, 2026, "submitted"),  # nobody knows whether it takes place
        (china, nepal, 2026, "cancelled"),
    ]:
        stay(home, host, year, state)
    return {"nepal": nepal, "pakistan": pakistan, "china": china}


def stay(home, host, year, state):
    day = datetime.date(year, 5, 4)
    return Stay.objects.create(
        offer=OfferFactory(institution=host, open=True),
        applicant=UserFactory(),
        home=home,
        host=host,
        starts_on=day,
        ends_on=day + datetime.timedelta(days=10),
        purpose="Wells",
        state=state,
        submitted_at=datetime.datetime(year, 1, 1, tzinfo=datetime.UTC),
    )


def table(response) -> dict[str, tuple[int, int, int]]:
    return {line.label: (line.came, line.went, line.balance) for line in response.context["countries"]}


def test_officer_sees_the_balance_of_all_countries_and_years(client, world):
    client.force_login(UserFactory(roles=["officer"]))
    response = client.get(PAGE)

    assert table(response) == {"Pakistan": (3, 1, 2), "Nepal": (1, 2, -1), "China": (0, 1, -1)}
    assert response.context["by_year"] == [(2026, 3), (2025, 1)]
    assert [line.label for line in response.context["institutions"]][:2] == ["Pakistan House", "Nepal House"]
    html = response.content.decode()
    assert "+2" in html
    assert len(re.findall('<svg class="bar"', html)) == 6

    assert table(client.get(f"{PAGE}?year=2025")) == {"Nepal": (0, 1, -1), "Pakistan": (1, 0, 1)}
    assert client.get(f"{PAGE}?year=1999").context["total"] == 0
    assert client.get(f"{PAGE}?year=x").status_code == 400


def test_focal_point_sees_the_own_institution_alone(client, world):
    client.force_login(InstitutionRoleFactory(institution=world["china"]).user)

    assert table(client.get(PAGE)) == {"China": (0, 1, -1), "Pakistan": (1, 0, 1)}


def test_others_find_nothing(client, world):
    client.force_login(UserFactory())
    assert client.get(PAGE).status_code == 404
    client.force_login(UserFactory(roles=["reviewer"]))
    assert client.get(PAGE).status_code == 404


def test_page_without_stays_says_so(client):
    client.force_login(UserFactory(roles=["officer"]))
    assert "No stays yet" in client.get(PAGE).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_balance_asks_as_much_for_one_as_for_three(client, world, count, django_assert_max_num_queries):
    for _number in range(count):
        stay(InstitutionFactory(country_id="LK"), InstitutionFactory(country_id="MM"), 2026, "closed")
    client.force_login(UserFactory(roles=["officer"]))
    client.get(PAGE)

    with django_assert_max_num_queries(10):
        assert client.get(PAGE).context["total"] == 4 + count
