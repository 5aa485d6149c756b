"""Reminders by the clock: each moment reminds once, and nobody who has answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from notifications.models import Event, Notification
from proposals.actions.reminders import remind_partners, remind_reviewers_by_the_clock
from proposals.actions.reviewing import plan_of
from proposals.models import Call, CallReviewer, Partner, Proposal, Review, ReviewPlan, SignOff
from proposals.tasks import reminders
from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
from tests.proposals.acts import accepted_reviewer, begun, close, sent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def partner():
    """Asked 20 days ago, in a draft whose call closes in six days."""
    call = CallFactory(closes_at=timezone.now() + 6 * DAY)
    institution = InstitutionFactory()
    InstitutionRoleFactory(institution=institution)
    return Partner.objects.create(
        proposal=ProposalFactory(call=call), institution=institution, asked_at=timezone.now() - 20 * DAY
    )


def closes_in(partner, time):
    Call.objects.filter(pk=partner.proposal.call_id).update(closes_at=timezone.now() + time)


def test_silent_institution_is_reminded_twice_before_the_call_closes(partner):
    closes_in(partner, 8 * DAY)
    assert remind_partners() == 0
    closes_in(partner, 6 * DAY)
    assert (remind_partners(), remind_partners()) == (1, 0)
    Partner.objects.update(reminded_at=timezone.now() - 5 * DAY)
    closes_in(partner, 1 * DAY)
    assert (remind_partners(), remind_partners()) == (1, 0)

    told = Notification.objects.filter(event__kind="proposal.asked_again")
    assert {row.subscriber.user for row in told} == {partner.institution.roles.get().user}
    assert told.count() == 2


def test_moments_that_passed_while_nothing_ran_are_one_reminder(partner):
    closes_in(partner, 1 * DAY)
    assert (remind_partners(), remind_partners()) == (1, 0)


@pytest.mark.parametrize(
    "why", ["answered", "declined", "not asked", "asked lately", "submitted", "closed", "draft call"]
)
def test_nobody_is_reminded_without_need(partner, why):
    match why:
        case "answered" | "declined":
            answer = "confirmed" if why == "answered" else why
            SignOff.objects.create(partner=partner, revision=partner.revision, answer=answer)
        case "not asked":
            Partner.objects.update(asked_at=None)
        case "asked lately":
            Partner.objects.update(asked_at=timezone.now() - DAY)
        case "submitted":
            Proposal.objects.update(state="submitted", submitted_at=timezone.now())
        case "closed":
            closes_in(partner, -DAY)
        case "draft call":
            Call.objects.update(state="draft")

    assert remind_partners() == 0
    assert not Event.objects.filter(kind="proposal.asked_again").exists()


def test_word_on_an_earlier_part_does_not_count(partner):
    SignOff.objects.create(partner=partner, revision=partner.revision, answer="confirmed")
    Partner.objects.update(revision=1)
    assert remind_partners() == 1


# --- Reviewers


@pytest.fixture
def review():
    proposal = close(sent())
    officer = proposal.call.officers.get().user
    made = begun(plan_of(proposal.call, officer), proposal, accepted_reviewer(proposal.call), officer)
    CallReviewer.objects.update(answered_at=timezone.now() - 40 * DAY, reminded_at=None)
    return made


def due_in(time):
    ReviewPlan.objects.update(due_at=timezone.now() + time)


def test_reviewer_is_reminded_before_and_after_the_due_date(review):
    due_in(4 * DAY)
    assert remind_reviewers_by_the_clock() == 0
    for time in (2 * DAY, -2 * DAY, -8 * DAY):
        due_in(time)
        CallReviewer.objects.update(reminded_at=timezone.now() - 3 * DAY)
        assert (remind_reviewers_by_the_clock(), remind_reviewers_by_the_clock()) == (1, 0), time

    assert Notification.objects.filter(event__kind="review.reminder").count() == 3


@pytest.mark.parametrize("why", ["handed in", "abstained", "another phase", "accepted lately"])
def test_reviewer_is_not_reminded_without_need(review, why):
    due_in(DAY)
    match why:
        case "handed in":
            Review.objects.update(state="submitted", submitted_at=timezone.now())
        case "abstained":
            Review.objects.update(state="abstained")
        case "another phase":
            ReviewPlan.objects.update(phase="discussing")
        case "accepted lately":
            CallReviewer.objects.update(answered_at=timezone.now())
    assert remind_reviewers_by_the_clock() == 0


def test_silent_reviewer_is_asked_once_more(review):
    invited = CallReviewer.objects.create(call=review.proposal.call, user=UserFactory(roles=["reviewer"]))
    assert remind_reviewers_by_the_clock() == 0
    CallReviewer.objects.filter(pk=invited.pk).update(invited_at=timezone.now() - 8 * DAY)
    assert (remind_reviewers_by_the_clock(), remind_reviewers_by_the_clock()) == (1, 0)


def test_task_does_both(partner, review):
    due_in(DAY)
    reminders()
    assert set(Event.objects.values_list("kind", flat=True)) >= {"proposal.asked_again", "review.reminder"}
