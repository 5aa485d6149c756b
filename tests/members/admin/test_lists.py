"""Lists of institutions and memberships in the administration."""

import pytest
from django.urls import reverse

from tests.desk import queries_of
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipFactory,
)
from tests.members.admin.acts import LIST
from tests.members.ror_records import CAS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["institution", "membership", "person", "institutionrole", "meeting"])
def test_lists_ask_as_often_for_three_records_as_for_one(desk, model):
    address = reverse(f"admin:members_{model}_changelist")

    def make():
        AffiliationFactory()
        InstitutionRoleFactory()
        MembershipFactory(meeting=MeetingFactory())

    make()
    assert desk.get(address).context["cl"].result_count in (1, 3)
    one = queries_of(desk, address)
    make()
    make()

    assert queries_of(desk, address) == one <= 12


@pytest.mark.parametrize(
    "query", ["academie", "ACADÉMIE des sciences", "科学院", "acs", CAS, f"https://ror.org/{CAS}", "sciences academie"]
)
def test_search_finds_by_any_name_whatever_its_accents(desk, query):
    found = InstitutionFactory(
        name="Académie des Sciences", acronym="ACS", ror=CAS, names=[("中国科学院", "zh", "label")]
    )
    InstitutionFactory(name="University of Elsewhere")

    response = desk.get(LIST, {"q": query})

    assert list(response.context["cl"].result_list) == [found]


@pytest.mark.parametrize(("standing", "shown"), [("member", "Member"), ("left", "Leaver"), ("partner", "Partner")])
def test_list_filters_by_the_standing_of_today(desk, standing, shown):
    InstitutionFactory(name="Member", member=True)
    MembershipFactory(
        institution=InstitutionFactory(name="Leaver", member=True), standing="left", starts_on="2020-01-01"
    )
    InstitutionFactory(name="Partner")

    response = desk.get(LIST, {"standing": standing})

    assert [institution.name for institution in response.context["cl"].result_list] == [shown]


def test_completion_tells_namesakes_apart(desk):
    InstitutionFactory(name="Institute of Physics", acronym="IOP", country_id="CN")
    address = reverse("admin:autocomplete")

    response = desk.get(
        address, {"app_label": "members", "model_name": "membership", "field_name": "institution", "term": "physics"}
    )

    assert [result["text"] for result in response.json()["results"]] == ["Institute of Physics · IOP · CN"]
