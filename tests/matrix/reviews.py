"""Reviews in the small world, and the rows of their addresses. They are given to the reviewer; the other one has a conflict."""

import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from members.models import InstitutionRelation
from notifications.models import Delivery, Event, Notification
from proposals.models import (
    CallPart,
    CallReviewer,
    Criterion,
    DeclaredConflict,
    Panel,
    ProposalFile,
    Question,
    Rank,
    Redaction,
    Remark,
    Review,
    ReviewPlan,
    Score,
)
from tests.factories import AffiliationFactory, CallFactory, InstitutionFactory, PersonFactory, ProjectFactory
from tests.matrix.cells import Row, desk
from tests.matrix.proposals import GIVEN, PARTNER, WRITERS, decided, given
from workflow.models import Step

REVIEWERS = {"reviewer", "reviewer and focal point"}
JUDGE = "reviewer"  # to whom it is given; the other one is bound to the lead institution


def own_review(world) -> dict:
    return {"pk": world.review.pk}


def judged(get=405, post=405, path=own_review) -> Row:
    return Row(*[desk((JUDGE, answer)) if answer != 405 else 405 for answer in (get, post)], path=path)


def over(world) -> dict:
    return {"slug": "call-over"}


def of(file: ProposalFile) -> dict:
    return {"pk": file.proposal_id, "number": file.number}


def asked(world) -> dict:
    return {"pk": world.call_reviewer.pk}


REVIEWS = {
    "proposals:reviews": Row(get=desk((REVIEWERS, 200))),
    "proposals:review_invitation": judged(200, 422, asked),
    "proposals:dossiers": judged(200, path=asked),
    "proposals:review": judged(200, 422),
    "proposals:review_reopen": judged(post=302),
    "proposals:review_abstain": judged(200, 422),
    "proposals:review_remark": judged(post=302),
    "proposals:review_desk": given(200, path=over),
    "proposals:review_plan": given(200, 422, over),
    "proposals:review_phase": given(post=302, path=over),
    "proposals:reviewers_invite": given(200, 422, over),
    "proposals:reviewers_remind": given(post=302, path=over),
    "proposals:assign": given(200, 409, over),
    "proposals:file": Row(get=desk((WRITERS | {PARTNER}, 200)), path=lambda world: of(world.draft_file)),
    "proposals:file [submitted]": Row(
        get=desk((WRITERS, 200), (GIVEN, 200), (JUDGE, 200)), path=lambda world: of(world.file)
    ),
    "proposals:proposals_zip": given(200, path=over),
    "proposals:proposal_reviews": given(200, path=decided),
    "proposals:review_add": given(post=422, path=decided),
    "proposals:review_remove": given(post=302, path=lambda world: decided(world) | {"review": world.review.pk}),
    "proposals:conflict_add": given(post=422, path=decided),
    "proposals:office_remark": given(post=302, path=decided),
    "proposals:redact": given(200, 409, decided),
    "proposals:ranking": given(200, path=over),
    "proposals:panel": given(200, 302, over),
    "proposals:panel_lock": given(post=302, path=over),
}


# --- The world


def fill(world, call, send) -> None:
    """`send(world, call, lead=institution)` makes a proposal that was submitted."""
    now = timezone.now()
    world.review_plan = _plan(call, "reviewing")
    works_at = InstitutionFactory(slug="third", name="Third Institute")
    AffiliationFactory(person=PersonFactory(user=world.people["reviewer"], is_public=False), institution=works_at)
    world.call_reviewer, bound = _reviewers(world, call)
    proposal = world.proposal_to_decide
    world.review = Review.objects.create(proposal=proposal, reviewer=world.call_reviewer)
    _judged(proposal, bound)
    Redaction.objects.create(proposal=proposal, field="title", text="A title")
    world.declared_conflict = DeclaredConflict.objects.create(proposal=proposal, user=world.people["colleague"])
    world.panel = Panel.objects.create(call=call)
    Rank.objects.create(panel=world.panel, proposal=proposal, place=1)
    _files(world, proposal)
    _conflicts(world, call, send, works_at)
    _discussion(world, send)
    _told(world, world.call_reviewer.reviews.latest("pk").proposal, now)


def _files(world, proposal) -> None:
    """Of a draft, there and taken out; of what was submitted, for the reviewers, not for them, and replaced since."""
    now = timezone.now()
    world.draft_file = _file(world.proposal)
    _file(world.proposal, removed_at=now)
    world.file = _file(proposal, is_submitted=True)
    _file(proposal, is_submitted=True, question={"for_reviewers": False})
    _file(proposal, is_submitted=True, removed_at=now)
    _file(proposal)


def _file(proposal, *, question=(), **fields) -> ProposalFile:
    part = CallPart.objects.get_or_create(call=proposal.call, title="Documents")[0]
    asked = Question.objects.create(part=part, kind="file", label="A document", required=False, **dict(question))
    number = proposal.files.count() + 1
    file = ContentFile(b"%PDF-1.7", name="any.pdf")
    known = {"extension": "pdf", "size": 9, "digest": "0" * 64, "file": file}
    return ProposalFile.objects.create(proposal=proposal, question=asked, number=number, **known | fields)


def _plan(call, phase: str, **fields) -> ReviewPlan:
    due_at = timezone.now() + datetime.timedelta(days=1)
    plan = ReviewPlan.objects.create(call=call, phase=phase, due_at=due_at, **fields)
    Criterion.objects.create(plan=plan, label="Quality", labels=["poor", "good"])
    return plan


def _reviewers(world, call) -> list[CallReviewer]:
    return [
        CallReviewer.objects.create(call=call, user=world.people[role], state="accepted", answered_at=timezone.now())
        for role in ("reviewer", "reviewer and focal point")
    ]


def _judged(proposal, reviewer) -> None:
    review = Review.objects.create(proposal=proposal, reviewer=reviewer, state="submitted", submitted_at=timezone.now())
    Score.objects.create(review=review, criterion=proposal.call.review_plan.criteria.get(), points=2)
    Remark.objects.create(proposal=proposal, review=review, text="A remark.")


def _conflicts(world, call, send, works_at) -> None:
    """A proposal for each way in which the reviewer can be bound to it, given to the reviewer all the same."""
    for way in ("project", "family", "declared", "own", "preparing"):
        other = InstitutionFactory()
        if way == "project":
            ProjectFactory(lead=works_at, partners=[other])
        if way == "family":
            InstitutionRelation.objects.create(institution=works_at, kind="parent", other=other)
        in_call = CallFactory() if way == "preparing" else call
        applicant = world.people["reviewer" if way == "own" else "scientist"]
        proposal = send(world, in_call, lead=other, applicant=applicant)
        if way == "declared":
            DeclaredConflict.objects.create(proposal=proposal, user=world.people["reviewer"])
        reviewer = world.call_reviewer
        if way == "preparing":
            _plan(in_call, way)
            reviewer, _bound = _reviewers(world, in_call)
        Review.objects.create(proposal=proposal, reviewer=reviewer)


def _discussion(world, send) -> None:
    """Proposals that are discussed, or were: one on which the reviewer has handed in, and one on which only the other has."""
    for phase, is_in in (("discussing", True), ("discussing", False), ("closed", True)):
        call = CallFactory()
        _plan(call, phase, blindness="single" if phase == "closed" else "double")
        reviewer, other = _reviewers(world, call)
        proposal = send(world, call, lead=InstitutionFactory(), applicant=world.people["colleague"])
        _judged(proposal, other)
        if is_in:
            _judged(proposal, reviewer)
        else:
            Review.objects.create(proposal=proposal, reviewer=reviewer, state="started")
        hidden = _file(proposal, is_submitted=True)
        Redaction.objects.create(proposal=proposal, field=f"q{hidden.question_id}", text="")
        _file(proposal, is_submitted=True)


def _told(world, proposal, now) -> None:
    """What was moved, told and sent about a proposal: hidden as the proposal is."""
    Step.objects.create(
        object_label="proposals.proposal", object_id=str(proposal.pk), field="state", source="draft", target="submitted"
    )
    event = Event.objects.create(
        kind="proposal.submitted",
        subject_label="proposals.proposal",
        subject_id=str(proposal.pk),
        facts={"title": str(proposal), "reference": "OVER-1"},
    )
    subscriber = world.people["scientist"].subscriber
    delivery = Delivery.objects.create(subscriber=subscriber, purpose="event", give_up_at=now)
    Notification.objects.create(subscriber=subscriber, event=event, delivery=delivery)
