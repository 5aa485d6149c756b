"""What an officer sees of a call at a glance."""

import pytest
from django.utils import timezone

from members.models import Institution
from proposals.models import Partner, SignOff
from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
from tests.pages import statements
from tests.proposals.acts import sent
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client):
    officer = UserFactory(roles=["officer"])
    client.force_login(officer)
    return CallFactory(officer=officer)


def asked(proposal, answer="") -> Partner:
    partner = Partner.objects.create(
        proposal=proposal, institution=InstitutionFactory(), role="partner", asked_at=timezone.now()
    )
    if answer:
        SignOff.objects.create(partner=partner, revision=0, answer=answer)
    return partner


def test_numbers_by_state_and_country(client, call):
    for code in ("NP", "KE", "KE"):
        sent(call, lead=InstitutionFactory(country_id=code))

    page = text(client.get(call.desk_url))
    assert "submitted: 3" in page
    assert "Led from: Kenya 2 · Nepal 1" in page


def test_drafts_are_numbers_and_those_who_have_not_answered_too(client, call):
    draft = ProposalFactory(call=call, title="Secret wells")
    asked(draft)
    asked(draft, "confirmed")
    asked(draft, "declined")

    page = text(client.get(call.desk_url))
    assert "1 draft is being written." in page
    assert "1 institution that was asked has not answered yet." in page
    assert "Secret wells" not in page


def test_what_a_conflict_hides_is_counted_nowhere(client, call):
    proposal = sent(call, lead=InstitutionFactory(country_id="NP"))
    InstitutionRoleFactory(
        user=call.officers.get().user, institution=Institution.objects.get(proposal_parts__proposal=proposal)
    )

    page = text(client.get(call.desk_url))
    assert "Nepal" not in page
    assert "submitted:" not in page


def test_page_costs_the_same_for_one_and_three(client, call):
    sent(call)
    asked(ProposalFactory(call=call))
    one = statements(client, call.desk_url)
    for _ in range(2):
        sent(call)
        asked(ProposalFactory(call=call))
    assert statements(client, call.desk_url) == one
