"""The decision as a letter."""

import pytest

from proposals.actions.decisions import apply_decisions, write_decision
from proposals.actions.letters import letter_of
from tests.factories import InstitutionRoleFactory, UserFactory
from tests.proposals.acts import close, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal():
    return close(sent(title="Wells of the plateau"))


@pytest.fixture
def officer(proposal):
    return proposal.call.officers.get().user


def address(proposal) -> str:
    return f"{proposal.get_absolute_url()}decision.pdf"


def decide(proposal, officer, outcome="changes", *, apply=True):
    decision = write_decision(proposal=proposal, outcome=outcome, feedback="Add a second well.", by=officer)
    if apply:
        apply_decisions(call=proposal.call, by=officer)
    decision.refresh_from_db()
    return decision


def test_applicant_takes_the_letter_along(client, proposal, officer):
    decide(proposal, officer)
    client.force_login(proposal.applicant)
    assert address(proposal) in client.get(proposal.get_absolute_url()).content.decode()
    answer = client.get(address(proposal))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{proposal.reference}-decision.pdf"'
    assert b"".join(answer.streaming_content).startswith(b"%PDF-1.7")


def test_it_says_what_was_decided_and_of_what(proposal, officer):
    letter = letter_of(decide(proposal, officer))

    assert "accepted the proposal, with the changes" in letter.lead
    assert ("Proposal", "Wells of the plateau") in letter.facts
    assert proposal.submissions.get().digest in letter.footer
    assert letter.sections[0].rows == [("To the applicants", "Add a second well.")]


def test_before_it_is_announced_there_is_none_for_anybody(client, proposal, officer):
    decide(proposal, officer, apply=False)
    for user in (proposal.applicant, officer):
        client.force_login(user)
        assert client.get(address(proposal)).status_code == 404


def test_partners_and_strangers_get_none(client, proposal, officer):
    decide(proposal, officer)
    speaker = InstitutionRoleFactory().user
    for user in (UserFactory(), speaker, UserFactory(roles=["reviewer"])):
        client.force_login(user)
        assert client.get(address(proposal)).status_code == 404
