"""Whoever applies looks the institution up first."""

import pytest

from members.models import Institution, MembershipApplication
from tests.factories import InstitutionFactory, MembershipApplicationFactory, MembershipFactory
from tests.members.applying.acts import ANSWERS, FORM
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["ant univ", "AU ", "университет", "https://ror.org/05qrfxd25", "ROR:05QRFXD25"])
def test_institution_is_found_by_any_name_and_by_its_ror_id(client, institution, text):
    Institution.objects.update(ror="05qrfxd25")
    text = "AU Ant" if text == "AU " else text

    page = client.get("/members/apply/", {"q": text})

    assert [one.name for one in page.context["found"]] == ["Ant University"]
    assert "/members/apply/form/?institution=ant" in links(page)


@pytest.mark.parametrize("text", ["an", "a n", "…!", "\x00a", "é"])
def test_fewer_than_three_letters_find_nothing(client, institution, text):
    page = client.get("/members/apply/", {"q": text})

    assert page.context["found"] == []
    assert "at least three letters" in words(page)


def test_ten_rows_are_the_most(client):
    for _ in range(12):
        InstitutionFactory(name="Ant College")

    assert len(client.get("/members/apply/?q=ant+college").context["found"]) == 10


def test_those_who_cannot_apply_are_shown_and_not_offered(client):
    MembershipFactory(institution__name="Ant Member")
    MembershipFactory(institution__name="Ant Suspended", standing="suspended")
    MembershipApplicationFactory(sent=True, institution__name="Ant Applied")
    InstitutionFactory(name="Ant Gone", record_status="inactive")
    InstitutionFactory(name="Ant Free", slug="free")
    MembershipFactory(institution__name="Ant Observer", institution__slug="observer", standing="observer")

    page = client.get("/members/apply/?q=ant")

    offered = [link for link in links(page) if link.startswith(f"{FORM}?institution=")]
    assert set(offered) == {f"{FORM}?institution=free", f"{FORM}?institution=observer"}
    assert len(page.context["found"]) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_look_up_costs_the_same_for_one_and_for_three(client, count):
    for _ in range(count):
        InstitutionFactory(name="Ant College")

    assert statements(client, "/members/apply/?q=ant+college") <= 4


@pytest.mark.parametrize("query", ["?institution=nowhere", "?institution=%00", "?institution=%F0"])
def test_form_for_what_does_not_exist_is_not_found(client, query):
    assert client.get(FORM + query).status_code == 404


@pytest.mark.parametrize("standing", ["member", "suspended"])
def test_form_says_what_stands_and_nothing_of_people(client, institution, standing):
    MembershipFactory(institution=institution, standing=standing)

    page = client.get(f"{FORM}?institution=ant")

    assert (page.status_code, "form" in page.context) == (200, False)
    late = client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1"})
    assert late.status_code == 422
    assert "We share the glaciers" in words(late)
    assert not MembershipApplication.objects.exists()


def test_open_application_is_said_without_its_answers(client, institution):
    MembershipApplicationFactory(sent=True, institution=institution, contact_name="Secret Person")

    page = client.get(f"{FORM}?institution=ant")

    assert heading(page) == "An application of this institution is open already."
    assert "Secret" not in body(page)
