"""Submitting: the deadline on the database's clock, what is frozen, opening again, taking back."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notifications.models import Notification
from proposals.actions.calls import change_deadline
from proposals.actions.drafts import add_partner, ask_partners, begin_proposal, change_partner, save_basics, save_budget
from proposals.actions.signing import revoke_sign_off, sign_partner
from proposals.actions.submission import obstacles, reopen_proposal, submit_proposal, withdraw_proposal
from proposals.models import Call, Proposal, SignOff
from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
from tests.proposals.acts import confirm_all
from toolkit.saving import digest
from workflow.actions import NotAllowed, WrongState

pytestmark = pytest.mark.django_db
State = Proposal.State


@pytest.fixture
def proposal():
    proposal = ProposalFactory()
    confirm_all(proposal)
    return proposal


def test_submitting_freezes_what_it_says(proposal):
    submission = submit_proposal(proposal=proposal, by=proposal.applicant)

    proposal.refresh_from_db()
    assert (proposal.state, submission.version, submission.by) == (State.SUBMITTED, 1, proposal.applicant)
    assert submission.submitted_at == proposal.submitted_at
    assert submission.digest == digest(submission.content)
    assert submission.content["title"] == proposal.title
    Proposal.objects.filter(pk=proposal.pk).update(title="Another")
    submission.refresh_from_db()
    assert submission.content["title"] == proposal.title


def test_frozen_amounts_are_written_alike_without_a_budget(proposal):
    content = submit_proposal(proposal=proposal, by=proposal.applicant).content

    assert (content["total"], [partner["amount"] for partner in content["partners"]]) == ("0.00", ["0.00"])


def test_second_click_gets_what_the_first_stored(proposal):
    first = submit_proposal(proposal=proposal, by=proposal.applicant)
    second = submit_proposal(proposal=proposal, by=proposal.applicant)

    assert first == second
    assert proposal.submissions.count() == 1


def test_everybody_in_it_is_told_but_the_one_who_did_it(proposal):
    speaker = InstitutionRoleFactory(institution=proposal.partners.get().institution).user
    submit_proposal(proposal=proposal, by=proposal.applicant)

    told = Notification.objects.filter(event__kind="proposal.submitted").values_list("subscriber__user", flat=True)
    assert speaker.pk in told
    assert proposal.applicant_id not in told


@pytest.mark.parametrize("fields", [{"title": ""}, {"summary": ""}, {"starts_on": None}, {"ends_on": None}])
def test_what_is_missing_stops_it_and_is_said(proposal, fields):
    Proposal.objects.filter(pk=proposal.pk).update(**fields)
    proposal.refresh_from_db()

    assert len(obstacles(proposal)) == 1
    with pytest.raises(ValidationError, match="Missing"):
        submit_proposal(proposal=proposal, by=proposal.applicant)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.submitted_at) == (State.DRAFT, None)


def test_not_confirmed_by_all_stops_it(proposal):
    other = InstitutionFactory(name="Academy of Water")
    add_partner(proposal=proposal, institution=other, role="partner", contribution="Wells", by=proposal.applicant)

    with pytest.raises(ValidationError, match="Academy of Water has not confirmed yet"):
        submit_proposal(proposal=proposal, by=proposal.applicant)


def test_rules_of_the_call_stop_it_in_a_sentence(proposal):
    Call.objects.filter(pk=proposal.call_id).update(rules=[{"rule": "number", "of": "countries", "least": 2}])
    proposal.refresh_from_db()

    with pytest.raises(ValidationError, match="one more is needed"):
        submit_proposal(proposal=proposal, by=proposal.applicant)


# --- The deadline


@pytest.mark.parametrize(
    ("seconds", "grace", "taken"),
    [(60, 0, True), (-1, 0, False), (-30, 1, True), (-90, 1, False)],
)
def test_deadline_is_the_databases(proposal, seconds, grace, taken):
    closes_at = timezone.now() + datetime.timedelta(seconds=seconds)
    Call.objects.filter(pk=proposal.call_id).update(closes_at=closes_at, grace_minutes=grace)
    proposal.refresh_from_db()

    if taken:
        submit_proposal(proposal=proposal, by=proposal.applicant)
    else:
        with pytest.raises(ValidationError) as refused:
            submit_proposal(proposal=proposal, by=proposal.applicant)
        assert refused.value.code == "closed"
    proposal.refresh_from_db()
    assert (proposal.submitted_at is not None) is taken
    assert proposal.submissions.exists() is taken


def test_not_before_the_opening(proposal):
    soon = timezone.now() + datetime.timedelta(hours=1)
    Call.objects.filter(pk=proposal.call_id).update(opens_at=soon)
    with pytest.raises(ValidationError) as refused:
        submit_proposal(proposal=proposal, by=proposal.applicant)
    assert refused.value.code == "closed"


def test_extension_lets_late_ones_in_and_tells_applicants():
    officer = UserFactory(roles=["officer"])
    call = CallFactory(officer=officer, closes_at=timezone.now() - datetime.timedelta(minutes=5))
    proposal = ProposalFactory(call=call)
    confirm_all(proposal)

    change_deadline(call=call, closes_at=timezone.now() + datetime.timedelta(days=1), reason="Strike", by=officer)

    assert submit_proposal(proposal=proposal, by=proposal.applicant).version == 1
    told = Notification.objects.filter(event__kind="call.deadline_changed").values_list("subscriber__user", flat=True)
    assert list(told) == [proposal.applicant_id]


# --- Who may


@pytest.mark.parametrize("roles", [[], ["officer"], ["administrator"], ["reviewer"]])
def test_others_cannot_submit(proposal, roles):
    stranger = UserFactory(roles=roles)
    with pytest.raises(PermissionDenied):
        submit_proposal(proposal=proposal, by=stranger)
    proposal.refresh_from_db()
    assert proposal.state == State.DRAFT


def test_whoever_acts_for_the_lead_can(proposal):
    editor = InstitutionRoleFactory(institution=proposal.partners.get().institution, role="editor").user
    assert submit_proposal(proposal=proposal, by=editor).by == editor


# --- Opening again, taking back


def test_opened_again_the_last_version_stands_until_the_next(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    reopen_proposal(proposal=proposal, by=proposal.applicant)
    assert proposal in Proposal.objects.submitted()

    submit_proposal(proposal=proposal, by=proposal.applicant)
    assert [row.version for row in proposal.submissions.all()] == [2, 1]


def test_after_the_deadline_nothing_is_opened_again(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    Call.objects.filter(pk=proposal.call_id).update(closes_at=timezone.now() - datetime.timedelta(seconds=1))
    with pytest.raises(ValidationError, match="closed"):
        reopen_proposal(proposal=proposal, by=proposal.applicant)


def test_submitted_nobody_writes_in_it(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    with pytest.raises(WrongState):
        save_basics(proposal=proposal, values={"title": "Other"}, version="", by=proposal.applicant)


def test_withdrawn_it_stays_so(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    withdraw_proposal(proposal=proposal, by=proposal.applicant, reason="No time")
    assert proposal not in Proposal.objects.submitted()
    with pytest.raises(WrongState):
        withdraw_proposal(proposal=proposal, by=proposal.applicant)


def test_strangers_cannot_withdraw(proposal):
    with pytest.raises(NotAllowed):
        withdraw_proposal(proposal=proposal, by=UserFactory())


# --- What partners say


def test_changed_part_voids_what_its_institution_said(proposal):
    partner = proposal.partners.get()
    change_partner(partner=partner, role="lead", contribution="More", by=proposal.applicant)
    with pytest.raises(ValidationError, match="has not confirmed yet"):
        submit_proposal(proposal=proposal, by=proposal.applicant)


def test_changed_share_voids_it_too_and_only_of_that_institution(proposal):
    partner = proposal.partners.get()
    other = add_partner(
        proposal=proposal, institution=InstitutionFactory(), role="partner", contribution="", by=proposal.applicant
    )
    confirm_all(proposal)
    from proposals.actions.content import BUDGET, version_of

    line = {"partner": other.pk, "category": "travel", "label": "", "amount": 100}
    save_budget(proposal=proposal, lines=[line], version=version_of(proposal, BUDGET), by=proposal.applicant)
    assert [part.pk for part in proposal.partners.unconfirmed()] == [other.pk]
    assert partner.sign_offs.valid().exists()


def test_taken_back_before_closing_a_submitted_proposal_is_open_again(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    partner = proposal.partners.get()
    speaker = InstitutionRoleFactory(institution=partner.institution).user

    revoke_sign_off(partner=partner, by=speaker)

    proposal.refresh_from_db()
    assert proposal.state == State.REOPENED
    assert proposal.submissions.count() == 1


def test_taken_back_after_closing_is_refused(proposal):
    submit_proposal(proposal=proposal, by=proposal.applicant)
    partner = proposal.partners.get()
    speaker = InstitutionRoleFactory(institution=partner.institution).user
    Call.objects.filter(pk=proposal.call_id).update(closes_at=timezone.now() - datetime.timedelta(seconds=1))
    with pytest.raises(ValidationError, match="stands"):
        revoke_sign_off(partner=partner, by=speaker)


def test_only_speakers_of_that_institution_say_yes(proposal):
    other = InstitutionFactory()
    add_partner(proposal=proposal, institution=other, role="partner", contribution="", by=proposal.applicant)
    ask_partners(proposal=proposal, by=proposal.applicant)
    partner = proposal.partners.get(institution=other)
    refused = [
        UserFactory(roles=["officer"]),
        InstitutionRoleFactory(institution=other, role="editor").user,
        InstitutionRoleFactory().user,
        proposal.applicant,
    ]
    for person in refused:
        with pytest.raises(PermissionDenied):
            sign_partner(partner=partner, answer="confirmed", revision=partner.revision, by=person)
    speaker = InstitutionRoleFactory(institution=other).user
    said = sign_partner(partner=partner, answer="confirmed", revision=partner.revision, by=speaker)
    again = sign_partner(partner=partner, answer="confirmed", revision=partner.revision, by=speaker)
    assert said == again
    assert SignOff.objects.filter(partner=partner).count() == 1


def test_a_part_that_changed_meanwhile_must_be_read_again(proposal):
    partner = proposal.partners.get()
    speaker = InstitutionRoleFactory(institution=partner.institution).user
    change_partner(partner=partner, role="lead", contribution="More", by=proposal.applicant)
    ask_partners(proposal=proposal, by=proposal.applicant)
    with pytest.raises(ValidationError, match="read it again"):
        sign_partner(partner=partner, answer="confirmed", revision=partner.revision, by=speaker)


def test_begun_twice_it_is_one_and_numbers_follow_one_another():
    call, lead = CallFactory(), InstitutionFactory()
    person = confirmed_user()
    first = begin_proposal(call=call, lead=lead, title="Wells", by=person)
    assert begin_proposal(call=call, lead=lead, title="Wells", by=person) == first
    assert begin_proposal(call=call, lead=lead, title="Rivers", by=person).number == first.number + 1


def confirmed_user():
    from allauth.account.models import EmailAddress

    user = UserFactory()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.mark.parametrize("state", ["draft", "decided"])
def test_nothing_begins_in_a_call_that_is_not_open(state):
    with pytest.raises(PermissionDenied):
        begin_proposal(call=CallFactory(state=state), lead=InstitutionFactory(), title="Wells", by=confirmed_user())
