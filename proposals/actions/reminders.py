"""What the clock reminds of: institutions that have not answered before a call closes, reviewers before and after a due date.

Each passed moment reminds once, whoever runs this how often; a moment that passed while nothing ran is caught up once.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.standings import speakers_of
from notifications.actions import announce
from proposals.actions.reviewing import tell_invited, tell_reviewers
from proposals.models import Call, CallReviewer, Partner, Proposal, Review, ReviewPlan
from toolkit.clock import database_now

DAY = timedelta(days=1)
BEFORE_CLOSING = (7 * DAY, 2 * DAY)
FRESH = 3 * DAY  # who was asked so lately is not reminded yet
AROUND_DUE_DATE = (-3 * DAY, 1 * DAY, 7 * DAY)
UNANSWERED = 7 * DAY


# --- Institutions that were asked to confirm


def partners_to_remind():
    """Asked, silent, and a moment before the closing has passed since they were asked or reminded."""
    lately = Q()
    for before in BEFORE_CLOSING:
        moment = F("proposal__call__closes_at") - before
        passed = Q(proposal__call__closes_at__lte=Now() + before, asked_at__lt=moment)
        lately |= passed & (Q(reminded_at__isnull=True) | Q(reminded_at__lt=moment))
    return Partner.objects.unanswered().filter(
        lately,
        asked_at__lte=Now() - FRESH,
        proposal__state__in=Proposal.OPEN,
        proposal__call__state="published",
        proposal__call__closes_at__gt=Now(),
    )


def silent_partners(call: Call):
    """Those whom an officer may remind: asked or reminded some days ago, and silent since."""
    lately = Now() - FRESH
    return Partner.objects.unanswered().filter(
        Q(reminded_at__isnull=True) | Q(reminded_at__lt=lately),
        asked_at__lt=lately,
        proposal__call=call,
        proposal__state__in=Proposal.OPEN,
        proposal__in=Proposal.objects.taken().values("pk"),
    )


@transaction.atomic
def remind_silent_partners(*, call: Call, by: User) -> int:
    """By an officer, who knows how many they are and not which: what is in a draft is its people's."""
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    waiting = silent_partners(call).select_for_update(of=("self",), no_key=True).order_by("pk")
    keys = list(waiting.values_list("pk", flat=True))
    for key in keys:
        _tell_again(key)
    return len(keys)


def remind_partners() -> int:
    keys = list(partners_to_remind().order_by("pk").values_list("pk", flat=True))
    return sum(_remind_partner(key) for key in keys)


@transaction.atomic
def _remind_partner(key: int) -> bool:
    locked = Partner.objects.select_for_update(of=("self",), no_key=True).filter(pk=key).first()
    if locked is None or not partners_to_remind().filter(pk=key).exists():
        return False  # answered, or reminded by another run
    _tell_again(key)
    return True


def _tell_again(key: int) -> None:
    Partner.objects.filter(pk=key).update(reminded_at=Now())
    partner = Partner.objects.select_related("institution", "proposal__call").get(pk=key)
    lead = partner.proposal.partners.select_related("institution").get(role=Partner.Role.LEAD)
    announce(
        "proposal.asked_again",
        partner.proposal,
        actor=None,
        to=speakers_of(partner.institution),
        context={
            "institution": partner.institution.name,
            "lead": lead.institution.name,
            "call": partner.proposal.call.title,
            "closes_at": partner.proposal.call.closes_at,
        },
    )


# --- Reviewers


def passed_moment(due_at: datetime, now: datetime) -> datetime | None:
    """The last moment around a due date at which reviewers are reminded, if one has come."""
    passed = [due_at + offset for offset in AROUND_DUE_DATE if due_at + offset <= now]
    return max(passed, default=None)


def remind_reviewers_by_the_clock() -> int:
    now = database_now()
    plans = ReviewPlan.objects.filter(phase=ReviewPlan.Phase.REVIEWING).select_related("call")
    return sum(_remind_of(plan, now) for plan in plans) + _ask_again()


@transaction.atomic
def _remind_of(plan: ReviewPlan, now: datetime) -> int:
    moment = passed_moment(plan.due_at, now) if plan.due_at else None
    if moment is None:
        return 0
    waiting = Review.objects.filter(reviewer=OuterRef("pk"), state__in=Review.OPEN)
    late = CallReviewer.objects.accepted().filter(
        Exists(waiting), Q(reminded_at__isnull=True) | Q(reminded_at__lt=moment), call=plan.call, answered_at__lt=moment
    )
    keys = list(late.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    CallReviewer.objects.filter(pk__in=keys).update(reminded_at=Now())
    rows = CallReviewer.objects.filter(pk__in=keys).select_related("user")
    return tell_reviewers(plan, rows, None, kind="review.reminder")


@transaction.atomic
def _ask_again() -> int:
    """Once, a week after an invitation that nobody answered."""
    silent = CallReviewer.objects.filter(
        state=CallReviewer.State.INVITED,
        invited_at__lte=Now() - UNANSWERED,
        reminded_at__isnull=True,
        call__review_plan__phase__in=[ReviewPlan.Phase.PREPARING, ReviewPlan.Phase.REVIEWING],
    )
    keys = list(silent.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    CallReviewer.objects.filter(pk__in=keys).update(reminded_at=Now())
    for reviewer in CallReviewer.objects.filter(pk__in=keys).select_related("user", "call__review_plan"):
        tell_invited(reviewer, reviewer.call.review_plan, None)
    return len(keys)
