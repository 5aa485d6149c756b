"""One proposal in each state, and what each address of a proposal answers in it. Led by the institution `own`, as in the world;
the call is given to the officer, and one reviewer has a review of it."""

from types import SimpleNamespace

from django.utils import timezone

from proposals.models import (
    BudgetLine,
    Call,
    CallPart,
    CallReviewer,
    Clarification,
    Criterion,
    Decision,
    Partner,
    Proposal,
    Question,
    Review,
    ReviewPlan,
    Submission,
)
from tests.factories import CallFactory, ProposalFactory
from tests.matrix.world import DAY
from tests.proposals.acts import confirm_all

STATES = ("draft", "submitted", "in review", "decided", "withdrawn")


def make(world, state: str) -> SimpleNamespace:
    """What the addresses name."""
    now, people = timezone.now(), world.people
    call = CallFactory(slug=f"state-{state.replace(' ', '-')}", officer=people["officer"])
    part = CallPart.objects.create(call=call, title="The work")
    Question.objects.create(part=part, label="Why?", required=False)
    proposal = ProposalFactory(call=call, applicant=people["scientist"], lead=world.own)
    partner = Partner.objects.create(proposal=proposal, institution=world.elsewhere, role="partner", asked_at=now)
    BudgetLine.objects.create(partner=partner, category="staff", label="Wages", amount=100)
    made = SimpleNamespace(proposal=proposal, call=call, part=part, partner=partner, review=0, question=0)
    if state == "draft":
        return made
    confirm_all(proposal)
    at = call.opens_at + DAY / 4
    Submission.objects.create(proposal=proposal, version=1, content={}, digest="0" * 64, submitted_at=at)
    reached = {"submitted": "submitted", "in review": "submitted", "decided": "accepted", "withdrawn": "withdrawn"}[
        state
    ]
    Proposal.objects.filter(pk=proposal.pk).update(state=reached, submitted_at=at)
    made.question = Clarification.objects.create(proposal=proposal, question="How deep?", by=people["officer"]).pk
    if state in ("in review", "decided"):
        _review(made, people, decided=state == "decided")
    return made


def _review(made, people, *, decided: bool) -> None:
    now, call = timezone.now(), made.call
    Call.objects.filter(pk=call.pk).update(closes_at=now - DAY / 2)
    plan = ReviewPlan.objects.create(call=call, phase="closed" if decided else "reviewing", due_at=now + DAY)
    Criterion.objects.create(plan=plan, label="Quality", labels=["poor", "good"])
    reviewer = CallReviewer.objects.create(call=call, user=people["reviewer"], state="accepted", answered_at=now)
    stage = {"state": "submitted", "submitted_at": now} if decided else {"state": "started"}
    made.review = Review.objects.create(proposal=made.proposal, reviewer=reviewer, **stage).pk
    if decided:
        Call.objects.filter(pk=call.pk).update(state="decided", decided_at=now)
        Decision.objects.create(proposal=made.proposal, outcome="accepted", applied_at=now)
