"""What tests of proposals do again and again."""

from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from proposals.actions.assignment import assign_by_hand
from proposals.actions.reviewing import change_phase
from proposals.actions.reviews import save_review, submit_review
from proposals.actions.submission import submit_proposal
from proposals.models import (
    Answer,
    BudgetLine,
    Call,
    CallOfficer,
    CallPart,
    CallReviewer,
    Partner,
    Proposal,
    Question,
    Review,
    ReviewPlan,
    SignOff,
)
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, ProposalFactory, UserFactory


def confirm_all(proposal: Proposal) -> None:
    """As if every institution had been asked and had said yes to its part as it is now."""
    proposal.partners.update(asked_at=timezone.now())
    for partner in Partner.objects.filter(proposal=proposal).unconfirmed():
        SignOff.objects.create(partner=partner, revision=partner.revision, answer="confirmed")


def sent(call=None, **fields) -> Proposal:
    """A proposal as it stands after its submission, with two answers, one of which reviewers do not see."""
    proposal = ProposalFactory(**({"call": call} if call else {}), **fields)
    Call.objects.filter(pk=proposal.call_id).update(closes_at=timezone.now() + timedelta(days=30))
    officer = UserFactory(roles=["officer"])
    if not proposal.call.officers.exists():
        CallOfficer.objects.create(call=proposal.call, user=officer)
    part, _made = CallPart.objects.get_or_create(call=proposal.call, title="The work")
    for label, seen in (("All?", True), ("Only officers?", False)):
        question, _made = Question.objects.get_or_create(part=part, label=label, for_reviewers=seen)
        Answer.objects.create(proposal=proposal, question=question, text="For all." if seen else "For officers.")
    proposal.partners.update(contribution="What we bring")
    BudgetLine.objects.create(partner=proposal.partners.first(), category="staff", label="Wages", amount=900)
    confirm_all(proposal)
    submit_proposal(proposal=proposal, by=proposal.applicant)
    proposal.refresh_from_db()
    return proposal


def close(proposal: Proposal) -> Proposal:
    """As if the call had closed a moment after it was sent."""
    Call.objects.filter(pk=proposal.call_id).update(closes_at=Now())
    proposal.call.refresh_from_db()
    return proposal


def begun(plan: ReviewPlan, proposal: Proposal, reviewer: CallReviewer, officer) -> Review:
    """The review is given and the phase of reviews begins."""
    ReviewPlan.objects.filter(pk=plan.pk).update(due_at=timezone.now() + timedelta(days=14))
    review = assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=officer)
    change_phase(plan=plan, to="reviewing", by=officer)
    return review


def judge(review: Review, *, points: int = 4, submit: bool = True) -> None:
    by = review.reviewer.user
    criteria = review.reviewer.call.review_plan.criteria.all()
    save_review(
        review=review,
        points={one.pk: points for one in criteria},
        to_applicant="Well thought out.",
        to_officers="",
        revision=Review.objects.get(pk=review.pk).revision,
        by=by,
    )
    if submit:
        submit_review(review=review, by=by)


def accepted_reviewer(call: Call, *, works_at: object = "somewhere", expertise=(), **fields) -> CallReviewer:
    """A reviewer who has said yes, and works at an institution of no proposal; works_at=None: nobody knows where."""
    person = PersonFactory(user=UserFactory(roles=["reviewer"]), expertise=list(expertise))
    if works_at:
        AffiliationFactory(person=person, institution=InstitutionFactory() if works_at == "somewhere" else works_at)
    fields = {"state": "accepted", "answered_at": timezone.now()} | fields
    return CallReviewer.objects.create(call=call, user=person.user, **fields)
