"""Two real transactions at the same time: the deadline has one clock, and a double click submits once (T38, T39, T41)."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from notifications.models import Event
from proposals.actions.calls import change_deadline
from proposals.actions.continuing import continue_proposal
from proposals.actions.drafts import save_basics
from proposals.actions.submission import submit_proposal
from proposals.models import Call, Proposal, Submission
from tests.at_once import at_once
from tests.factories import CallFactory, ProposalFactory, UserFactory
from tests.proposals.acts import confirm_all
from tests.proposals.test_pages import confirmed
from toolkit.clock import database_now
from toolkit.saving import ChangedMeanwhile

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = (ValidationError, ChangedMeanwhile)


def ready(call=None, **fields) -> Proposal:
    proposal = ProposalFactory(call=call or CallFactory(), **fields)
    confirm_all(proposal)
    return proposal


def submitting(proposal):
    return lambda: submit_proposal(proposal=proposal, by=proposal.applicant)


def test_t41_double_click_submits_once():
    proposal = ready()

    first, second = at_once(submitting(proposal), submitting(proposal), told=TOLD)

    assert first == second
    assert Submission.objects.count() == 1
    assert Event.objects.filter(kind="proposal.submitted").count() == 1


def test_t39_whoever_is_told_submitted_is_stored_and_nobody_after_an_early_closing():
    officer = UserFactory(roles=["officer"])
    call = CallFactory(officer=officer)
    proposals = [ready(call) for _ in range(6)]

    def close():
        now = database_now()
        change_deadline(call=call, closes_at=now, reason="Closed early", by=officer)
        return now

    results = at_once(*map(submitting, proposals), close, told=TOLD)
    closed_at = results.pop()

    told = {result.proposal_id for result in results if isinstance(result, Submission)}
    stored = set(Proposal.objects.filter(state="submitted").values_list("pk", flat=True))
    assert told == stored == set(Submission.objects.values_list("proposal", flat=True))
    # One that came before the change of the deadline may bear a later instant than the officer's clock; none came after it.
    refused = [result for result in results if not isinstance(result, Submission)]
    assert all(result.code == "closed" for result in refused)
    assert Call.objects.get().closes_at == closed_at
    late = ready(call)
    with pytest.raises(ValidationError):
        submit_proposal(proposal=late, by=late.applicant)


def test_submission_waits_for_an_extension_that_is_under_way():
    call = CallFactory(closes_at=timezone.now() - datetime.timedelta(seconds=5))
    proposal = ready(call)
    changed, done = threading.Event(), threading.Event()

    def extend():
        with transaction.atomic():
            row = Call.objects.select_for_update().get(pk=call.pk)
            row.closes_at = timezone.now() + datetime.timedelta(days=1)
            row.save()
            changed.set()
            done.wait(0.5)
        return "extended"

    def submit():
        changed.wait(5)
        return submitting(proposal)()

    _extended, result = at_once(extend, submit, told=TOLD)

    assert isinstance(result, Submission)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize(("seconds", "taken"), [(5, True), (-1, False)])
def test_t38_the_zone_tells_the_deadline_and_does_not_move_it(zone, seconds, taken):
    call = CallFactory(zone=zone, closes_at=database_now() + datetime.timedelta(seconds=seconds))
    (result,) = at_once(submitting(ready(call)), told=TOLD)
    assert isinstance(result, Submission) is taken


def test_t40_of_two_who_save_at_once_one_is_told():
    from proposals.actions.content import BASICS, version_of

    proposal = ready(title="First")
    version = version_of(proposal, BASICS)

    def save(title):
        return lambda: save_basics(proposal=proposal, values={"title": title}, version=version, by=proposal.applicant)

    results = at_once(save("One"), save("Two"), told=TOLD)

    assert sum(isinstance(result, ChangedMeanwhile) for result in results) == 1
    assert Proposal.objects.get().title in {"One", "Two"}


def test_t41_double_click_goes_on_in_another_call_once():
    proposal = ProposalFactory(applicant=confirmed(UserFactory()), state="rejected", submitted_at=timezone.now())
    later = CallFactory()

    def go_on():
        return continue_proposal(proposal=proposal, call=later, by=proposal.applicant)

    first, second = at_once(go_on, go_on, told=TOLD)

    assert first == second
    assert Proposal.objects.filter(call=later).count() == 1
