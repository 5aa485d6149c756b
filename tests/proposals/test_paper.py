"""Officers enter a proposal that came on paper, for somebody."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError

from notifications.models import Notification
from proposals.actions.drafts import enter_proposal
from proposals.actions.submission import submit_proposal
from proposals.models import Proposal
from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, UserFactory
from tests.proposals.acts import confirm_all
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def call(officer):
    return CallFactory(officer=officer)


@pytest.fixture
def lead():
    return InstitutionFactory(name="Lead Academy")


@pytest.fixture
def scientist():
    user = UserFactory(email="amina@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def enter(call, lead, officer, address="amina@example.org") -> Proposal:
    return enter_proposal(call=call, lead=lead, title="Wells", address=address, by=officer)


def told() -> set:
    return {row.subscriber.user for row in Notification.objects.filter(event__kind="proposal.entered")}


def test_officer_enters_it_and_its_people_hear_of_it_once(client, call, lead, officer, scientist):
    speaker = InstitutionRoleFactory(institution=lead).user
    client.force_login(officer)
    address = f"/desk/calls/{call.slug}/paper/"
    assert "Look up" in text(client.get(address))
    data = {"institution": lead.slug, "title": "Wells", "address": "Amina@Example.org"}
    for _ in range(2):
        assert client.post(address, data)["Location"] == Proposal.objects.get().get_absolute_url()

    proposal = Proposal.objects.get()
    assert (proposal.applicant, proposal.entered_by) == (scientist, officer)
    assert told() == {scientist, speaker}
    assert Notification.objects.filter(event__kind="proposal.entered").count() == 2
    assert client.get(f"{proposal.get_absolute_url()}basics/").status_code == 200
    client.force_login(scientist)
    assert "entered by" in text(client.get(proposal.get_absolute_url()))


def test_it_is_submitted_as_any_other(call, lead, officer):
    proposal = enter(call, lead, officer)
    with pytest.raises(ValidationError):
        submit_proposal(proposal=proposal, by=officer)
    Proposal.objects.update(summary="Water", starts_on="2027-03-01", ends_on="2028-02-28")
    confirm_all(proposal)
    assert submit_proposal(proposal=proposal, by=officer).by == officer


@pytest.mark.parametrize("verified", [True, False])
def test_only_who_has_confirmed_the_address_becomes_its_lead_person(call, lead, officer, verified):
    user = UserFactory(email="bela@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=verified)
    assert enter(call, lead, officer, "bela@example.org").applicant == (user if verified else None)


def test_address_without_an_account_gives_a_proposal_of_its_institution(call, lead, officer):
    assert enter(call, lead, officer, "nobody@example.org").applicant is None


def test_other_officers_do_not_see_the_draft(client, call, lead, officer):
    proposal = enter(call, lead, officer)
    client.force_login(UserFactory(roles=["officer"]))
    assert client.get(proposal.get_absolute_url()).status_code == 404


def test_officer_bound_to_the_institution_does_not_go_on_with_it(client, call, lead, officer):
    proposal = enter(call, lead, officer)
    InstitutionRoleFactory(institution=InstitutionFactory(), user=officer)
    client.force_login(officer)
    assert client.get(f"{proposal.get_absolute_url()}basics/").status_code == 200
    proposal.conflicts.create(user=officer)
    assert client.get(f"{proposal.get_absolute_url()}basics/").status_code == 404


def test_only_officers_of_the_call_and_only_while_it_is_published(call, lead, officer):
    with pytest.raises(PermissionDenied):
        enter(call, lead, UserFactory(roles=["officer"]))
    call.state = "decided"
    with pytest.raises(ValidationError, match="decided already"):
        enter(call, lead, officer)


def test_what_is_wrong_is_said(client, call, lead, officer):
    client.force_login(officer)
    answer = client.post(
        f"/desk/calls/{call.slug}/paper/", {"institution": lead.slug, "title": "Wells", "address": "x"}
    )
    assert answer.status_code == 422
    assert 'value="Wells"' in answer.content.decode()
