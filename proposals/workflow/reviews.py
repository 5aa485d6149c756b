"""The phases of a review, the answer of a reviewer, and the way of one review."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from proposals.models import Call, CallReviewer, Review, ReviewPlan
from workflow.tables import Move, Table

Phase, Answer, State = ReviewPlan.Phase, CallReviewer.State, Review.State


def can_begin(plan: ReviewPlan) -> None:
    if not Call.objects.over().filter(pk=plan.call_id).exists():
        raise ValidationError(_("The call is not closed yet."), code="open")
    missing = [
        name
        for name, is_there in [
            (_("a criterion"), plan.criteria.exists()),
            (_("the day on which the reviews are due"), plan.due_at is not None),
            (_("a reviewer for at least one proposal"), Review.objects.filter(proposal__call=plan.call_id).exists()),
        ]
        if not is_there
    ]
    if missing:
        raise ValidationError(_("Still missing: %(what)s.") % {"what": ", ".join(map(str, missing))})


PLAN = Table(
    ReviewPlan,
    "phase",
    Move(Phase.PREPARING, Phase.REVIEWING, by=("edit",), guard=can_begin, label=_("Begin the review")),
    Move(Phase.REVIEWING, Phase.DISCUSSING, by=("edit",), label=_("Open the discussion")),
    Move(Phase.DISCUSSING, Phase.REVIEWING, by=("edit",), label=_("Back to the reviews")),
    Move(Phase.REVIEWING, Phase.PANEL, by=("edit",), label=_("To the panel, without a discussion")),
    Move(Phase.DISCUSSING, Phase.PANEL, by=("edit",), label=_("To the panel")),
    Move(Phase.PANEL, Phase.DISCUSSING, by=("edit",), label=_("Back to the discussion")),
    Move(Phase.PANEL, Phase.CLOSED, by=("edit",), label=_("Close the review")),
    names={"edit": _("an officer to whom the call is given, or an administrator")},
)

REVIEWER = Table(
    CallReviewer,
    "state",
    *(
        Move(source, target, by=("answer",), tells="review.answered", label=label)
        for target, label in [(Answer.ACCEPTED, _("Accept")), (Answer.DECLINED, _("Decline"))]
        for source in (Answer.INVITED, Answer.ACCEPTED, Answer.DECLINED)
        if source != target
    ),
    names={"answer": _("the reviewer who is invited")},
)

REVIEW = Table(
    Review,
    "state",
    Move(State.ASSIGNED, State.STARTED, by=("write",)),
    Move(State.STARTED, State.SUBMITTED, by=("write",)),
    Move(State.SUBMITTED, State.STARTED, by=("write",), label=_("Change it")),
    *(
        Move(source, State.ABSTAINED, by=("write",), tells="review.abstained", label=_("Abstain"))
        for source in (State.ASSIGNED, State.STARTED, State.SUBMITTED)
    ),
    names={"write": _("the reviewer to whom it is given, while reviews are written")},
)
