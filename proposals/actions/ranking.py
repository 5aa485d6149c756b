"""The proposals of a call in the order of their scores, and the meeting that has the last word on it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import demand
from accounts.models import User
from proposals.actions.decisions import decidable
from proposals.models import Call, Criterion, Panel, Proposal, Rank, Review, ReviewPlan, Score

REFUSED = gettext_lazy("An officer to whom the call is given, or an administrator, can do this.")
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Row:
    """`scores` are those of the reviews that are handed in, 0 to 100. `place` counts what this officer may see."""

    proposal: Proposal
    scores: list[Decimal]
    wanted: int
    place: int | None

    @property
    def mean(self) -> Decimal | None:
        return rounded(sum(self.scores) / len(self.scores)) if self.scores else None

    @property
    def median(self) -> Decimal | None:
        return rounded(median(self.scores)) if self.scores else None

    @property
    def spread(self) -> Decimal | None:
        """From the lowest to the highest."""
        return rounded(max(self.scores) - min(self.scores)) if self.scores else None

    @property
    def is_complete(self) -> bool:
        return len(self.scores) >= self.wanted


def rounded(value: Decimal | float) -> Decimal:
    return Decimal(value).quantize(TENTH, ROUND_HALF_UP)


def score_of(points: dict[int, int], criteria: Sequence[Criterion]) -> Decimal | None:
    """The weighted mean in 0 to 100, where the worst word counts 0 and the best 100; nothing while a criterion is open."""
    if not criteria or any(one.pk not in points for one in criteria):
        return None
    total = sum((one.weight for one in criteria), Decimal(0))
    parts = (one.weight * (points[one.pk] - 1) / (len(one.labels) - 1) for one in criteria)
    return 100 * sum(parts, Decimal(0)) / total


def review_scores(reviews) -> dict[int, Decimal]:
    """By review, for those that are handed in and whole: three statements."""
    points: dict[int, dict[int, int]] = defaultdict(dict)
    scores = Score.objects.filter(review__in=reviews).values_list("review", "criterion", "points")
    for review, criterion, value in scores:
        points[review][criterion] = value
    criteria: dict[int, list[Criterion]] = defaultdict(list)
    calls = reviews.values("proposal__call")
    for one in Criterion.objects.filter(plan__call__in=calls).select_related("plan"):
        criteria[one.plan.call_id].append(one)
    found = {}
    for review, call in reviews.values_list("pk", "proposal__call"):
        score = score_of(points[review], criteria[call])
        if score is not None:
            found[review] = score
    return found


def ranking(call: Call, plan: ReviewPlan | None, by: User) -> list[Row]:
    """Of what this officer may see: by the panel's places where there are some, then by mean, the best first."""
    proposals = list(
        decidable(call, by)
        .exclude(state__in=[Proposal.State.DRAFT, Proposal.State.WITHDRAWN])
        .select_related("call", "rank")
        .order_by("number")
    )
    reviews = Review.objects.counting().filter(proposal__in=proposals)
    scores, by_proposal = review_scores(reviews), defaultdict(list)
    for review, proposal in reviews.order_by("pk").values_list("pk", "proposal"):
        if review in scores:
            by_proposal[proposal].append(scores[review])
    wanted = plan.per_proposal if plan else 0
    rows = [Row(one, by_proposal[one.pk], wanted, place_of(one)) for one in proposals]
    rows.sort(key=lambda row: (row.place or 10**6, -(row.mean if row.mean is not None else -1), row.proposal.number))
    # Counted anew: a gap would tell that there is a proposal which this officer must not know of.
    return [
        Row(row.proposal, row.scores, row.wanted, place if row.place else None) for place, row in enumerate(rows, 1)
    ]


def place_of(proposal: Proposal) -> int | None:
    rank = getattr(proposal, "rank", None)
    return rank.place if rank else None


# --- The panel


@transaction.atomic
def save_panel(*, call: Call, held_on: date | None, place: str, minutes: str, order: Sequence[int], by: User) -> Panel:
    """`order` holds keys of proposals, the best first; those that are left out have no place.

    Proposals that a conflict hides from this officer keep their places among the others.
    """
    demand(by, "edit", call, str(REFUSED))
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    panel, _made = Panel.objects.get_or_create(call=call)
    panel = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
    if panel.locked_at:
        raise ValidationError(_("The ranking is locked."), code="locked")
    panel.held_on, panel.place, panel.minutes = held_on, place, minutes
    panel.save(update_fields=["held_on", "place", "minutes"])
    visible = set(decidable(call, by).values_list("pk", flat=True))
    if unknown := [key for key in order if key not in visible]:
        raise ValidationError(_("%(n)d of the proposals are not among these.") % {"n": len(unknown)})
    hidden = list(panel.ranks.exclude(proposal__in=visible).order_by("place").values_list("place", "proposal"))
    merged = list(dict.fromkeys(order))
    for at, proposal in hidden:
        merged.insert(min(at - 1, len(merged)), proposal)
    panel.ranks.exclude(proposal__in=merged).delete()
    Rank.objects.bulk_create(
        [Rank(panel=panel, proposal_id=proposal, place=place) for place, proposal in enumerate(merged, 1)],
        update_conflicts=True,
        unique_fields=["proposal"],
        update_fields=["place"],
    )
    return panel


@transaction.atomic
def lock_panel(*, panel: Panel, by: User) -> Panel:
    """For good. A second click finds it locked."""
    demand(by, "edit", panel, str(REFUSED))
    row = Panel.objects.select_for_update(no_key=True).get(pk=panel.pk)
    if row.locked_at:
        return row
    if row.held_on is None:
        raise ValidationError(_("Say when the panel met."))
    if not row.ranks.exists():
        raise ValidationError(_("Nothing is ranked yet."))
    Panel.objects.filter(pk=row.pk).update(locked_at=Now(), locked_by=by)
    row.refresh_from_db()
    return row
