"""Officers ask about what was submitted, and its people answer."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from members.models import InstitutionRole
from notifications.models import Notification
from proposals.actions.clarifying import answer_clarification, ask_clarification
from proposals.models import Clarification, Partner, Proposal
from tests.factories import InstitutionRoleFactory, UserFactory
from tests.proposals.acts import sent
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal():
    return sent()


@pytest.fixture
def officer(proposal):
    return proposal.call.officers.get().user


@pytest.fixture
def asked(proposal, officer):
    return ask_clarification(proposal=proposal, question="How deep are the wells?", by=officer)


def told(kind):
    return {row.subscriber.user for row in Notification.objects.filter(event__kind=kind)}


def test_officer_asks_and_the_applicant_answers(client, proposal, officer):
    client.force_login(officer)
    page = f"{proposal.get_absolute_url()}submitted/"
    assert "A question to the applicants" in text(client.get(page))
    client.post(f"{proposal.get_absolute_url()}questions/", {"question": "How deep are the wells?"})
    assert "Not answered yet." in text(client.get(page))
    assert proposal.applicant in told("proposal.question")

    client.force_login(proposal.applicant)
    assert "you answer the question of the alliance" in text(client.get("/desk/"))
    assert "How deep are the wells?" in text(client.get(proposal.get_absolute_url()))
    address = f"{proposal.get_absolute_url()}questions/{Clarification.objects.get().pk}/"
    assert "How deep" in text(client.get(address))
    answer = client.post(address, {"answer": "Sixty metres."})

    assert answer["Location"] == proposal.get_absolute_url()
    assert told("proposal.answer") == {officer}
    client.force_login(officer)
    assert "Sixty metres." in text(client.get(page))


def test_what_was_submitted_stays_as_it_was(proposal, asked):
    before = proposal.submissions.get()
    answer_clarification(clarification=asked, answer="Sixty metres.", by=proposal.applicant)
    after = proposal.submissions.get()
    assert (before.content, before.digest) == (after.content, after.digest)


def test_question_asked_twice_while_it_waits_is_one(proposal, officer, asked):
    assert ask_clarification(proposal=proposal, question=asked.question, by=officer) == asked


def test_second_answer_is_refused_and_shown_the_first(client, proposal, asked):
    answer_clarification(clarification=asked, answer="Sixty metres.", by=proposal.applicant)
    client.force_login(proposal.applicant)

    page = client.post(f"{proposal.get_absolute_url()}questions/{asked.pk}/", {"answer": "Seventy."})

    assert page.status_code == 422
    assert "answered already" in text(page)
    assert "Sixty metres." in text(page)
    assert "Seventy." in text(page)


def test_empty_words_are_refused(client, proposal, officer, asked):
    client.force_login(officer)
    assert client.post(f"{proposal.get_absolute_url()}questions/", {"question": " "}).status_code == 422
    client.force_login(proposal.applicant)
    assert client.post(f"{proposal.get_absolute_url()}questions/{asked.pk}/", {"answer": ""}).status_code == 422


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_decided_proposal_is_not_asked(proposal, officer, state):
    Proposal.objects.filter(pk=proposal.pk).update(state=state)
    with pytest.raises(ValidationError):
        ask_clarification(proposal=proposal, question="Why?", by=officer)


def test_partners_reviewers_and_strangers_see_nothing_of_it(client, proposal, asked):
    partner = InstitutionRoleFactory()
    Partner.objects.create(
        proposal=proposal, institution=partner.institution, role="partner", asked_at=proposal.submitted_at
    )
    client.force_login(partner.user)
    assert "How deep" not in text(client.get(proposal.get_absolute_url()))
    for user in (partner.user, UserFactory(roles=["reviewer"]), UserFactory(roles=["officer"]), UserFactory()):
        assert asked not in Clarification.objects.visible_to(user)
        with pytest.raises(PermissionDenied):
            answer_clarification(clarification=asked, answer="x", by=user)
        with pytest.raises(PermissionDenied):
            ask_clarification(proposal=proposal, question="x", by=user)


def test_conflict_of_interest_hides_it_from_an_officer(client, proposal, officer, asked):
    InstitutionRole.objects.create(user=officer, institution=proposal.partners.get().institution, role="editor")
    client.force_login(officer)
    assert client.post(f"{proposal.get_absolute_url()}questions/", {"question": "Why?"}).status_code in (403, 404)
