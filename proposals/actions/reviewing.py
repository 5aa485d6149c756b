"""The plan of a review and its phases, and the reviewers who are asked."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import can, demand
from accounts.models import User
from accounts.permissions import REVIEWER
from notifications.actions import announce
from proposals.actions.assignment import tell_reviewers
from proposals.models import Call, CallReviewer, Criterion, Review, ReviewPlan
from workflow.actions import move

Phase = ReviewPlan.Phase
REFUSED = gettext_lazy("An officer to whom the call is given, or an administrator, can do this.")
SCALE = [
    *[gettext_lazy("poor"), gettext_lazy("fair"), gettext_lazy("good"), gettext_lazy("very good")],
    gettext_lazy("excellent"),
]


@transaction.atomic
def plan_of(call: Call, by: User) -> ReviewPlan:
    """The plan of the call; the first officer who opens the page for writing makes it, with three usual criteria."""
    demand(by, "edit", call, str(REFUSED))
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    plan, made = ReviewPlan.objects.get_or_create(call=call)
    if made:
        Criterion.objects.bulk_create(usual_criteria(plan))
    return plan


def usual_criteria(plan: ReviewPlan) -> list[Criterion]:
    """Not stored yet."""
    labels = [str(word) for word in SCALE]
    usual = [(_("Scientific quality"), 2), (_("The consortium and its balance"), 1), (_("Plan, risks and budget"), 1)]
    return [
        Criterion(plan=plan, position=position, label=label, weight=weight, labels=labels)
        for position, (label, weight) in enumerate(usual)
    ]


@transaction.atomic
def change_phase(*, plan: ReviewPlan, to: str, by: User) -> ReviewPlan:
    """When the review begins, every reviewer is told what was given to them."""
    row = move(plan, to, by=by)
    if to == Phase.REVIEWING:
        given = CallReviewer.objects.filter(call=row.call_id, reviews__state__in=Review.OPEN).distinct()
        tell_reviewers(row, given.select_related("user"), by)
    return row


# --- Reviewers


def invitable(call: Call):
    """Reviewers of the alliance today who were not asked for this call yet."""
    return User.objects.active().holding(REVIEWER).exclude(reviewing__call=call)


@transaction.atomic
def invite_reviewers(*, call: Call, users: Iterable[User], by: User) -> list[CallReviewer]:
    """Each once; whoever was asked before is left out."""
    demand(by, "edit", call, str(REFUSED))
    plan = plan_of(call, by)
    wanted = {user.pk for user in users}
    made = [
        CallReviewer.objects.create(call=call, user=user, by=by)
        for user in invitable(call).filter(pk__in=wanted).order_by("pk")
    ]
    for reviewer in made:
        tell_invited(reviewer, plan, by)
    return made


def tell_invited(reviewer: CallReviewer, plan: ReviewPlan, by: User | None) -> None:
    announce(
        "review.invited",
        reviewer,
        actor=by,
        to=[reviewer.user],
        context={"call": plan.call.title, "due_at": plan.due_at},
    )


@transaction.atomic
def answer_invitation(
    *,
    reviewer: CallReviewer,
    accept: bool,
    by: User,
    most: int | None = None,
    away_from: date | None = None,
    away_until: date | None = None,
    alternative: str = "",
) -> CallReviewer:
    """Yes with how many and when not, or no with a name to ask instead. Can be changed while nothing was begun."""
    if not can(by, "answer", reviewer):
        raise PermissionDenied(_("The reviewer who is invited can answer."))
    row = CallReviewer.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=reviewer.pk)
    if not accept and row.reviews.exclude(state=Review.State.ASSIGNED).exists():
        raise ValidationError(_("You have begun a review: abstain from the proposals instead."), code="wrong_state")
    row.most, row.away_from, row.away_until, row.alternative = most, away_from, away_until, alternative
    row.answered_at = Now()
    row.save(update_fields=["most", "away_from", "away_until", "alternative", "answered_at"])
    row.refresh_from_db()
    state = CallReviewer.State.ACCEPTED if accept else CallReviewer.State.DECLINED
    if not accept:
        row.reviews.filter(state=Review.State.ASSIGNED).delete()
    if row.state == state:
        return row
    label = _("accepted") if accept else _("declined")
    context = {
        "reviewer": str(row.user),
        "answer": label,
        "call": row.call.title,
        "desk": f"{row.call.desk_url}review/",
    }
    return move(row, state, by=by, tell=officers_of(row.call), context=context)


def officers_of(call: Call) -> list[User]:
    return list(User.objects.active().filter(calls_given__call=call).order_by("pk"))


@transaction.atomic
def remind_reviewers(*, plan: ReviewPlan, by: User | None) -> int:
    """Those who have something to hand in, and those who have not answered. Says how many were told."""
    if by is not None:
        demand(by, "edit", plan, str(REFUSED))
    silent = CallReviewer.objects.filter(call=plan.call, state=CallReviewer.State.INVITED).select_related("user")
    for reviewer in silent:
        tell_invited(reviewer, plan, by)
    told = len(silent)
    silent.update(reminded_at=Now())
    if plan.phase == Phase.REVIEWING:
        late = CallReviewer.objects.accepted().filter(call=plan.call, reviews__state__in=Review.OPEN).distinct()
        told += tell_reviewers(plan, late.select_related("user"), by, kind="review.reminder")
        CallReviewer.objects.filter(pk__in=late.values("pk")).update(reminded_at=Now())
    return told
