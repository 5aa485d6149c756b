"""What a reviewer does with a review: save, hand in, change, stand back, and discuss it with the others."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import can, demand
from accounts.models import User
from proposals.actions.conflicts import record_conflict
from proposals.actions.reviewing import officers_of
from proposals.models import Criterion, Proposal, Remark, Review, Score
from workflow.actions import WrongState, move

State = Review.State
REFUSED = gettext_lazy("The reviewer to whom it is given can do this, while reviews are written.")


class SavedMeanwhile(Exception):
    """The review was saved in another window since this form was opened."""


@transaction.atomic
def save_review(
    *,
    review: Review,
    points: Mapping[int, int | None],
    to_applicant: str,
    to_officers: str,
    revision: int,
    by: User,
) -> Review:
    """`points` by criterion, None where there are none yet. One that was handed in is opened again first."""
    row = _locked(review, by)
    if row.revision != revision:
        raise SavedMeanwhile
    if row.state not in Review.OPEN:
        raise WrongState(_("It is handed in: open it again to change it."), code="wrong_state")
    if row.state == State.ASSIGNED:
        row = move(row, State.STARTED, by=by)
    Review.objects.filter(pk=row.pk).update(
        to_applicant=to_applicant, to_officers=to_officers, revision=F("revision") + 1, changed_at=Now()
    )
    wanted = {criterion: value for criterion, value in points.items() if value is not None}
    _within_scale(row, wanted)
    Score.objects.bulk_create(
        [Score(review=row, criterion_id=criterion, points=value) for criterion, value in wanted.items()],
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["points"],
    )
    row.scores.exclude(criterion__in=wanted).delete()
    row.refresh_from_db()
    return row


def _locked(review: Review, by: User) -> Review:
    row = Review.objects.select_for_update(of=("self",), no_key=True).select_related("proposal__call").get(pk=review.pk)
    demand(by, "write", row, str(REFUSED))
    return row


def _within_scale(row: Review, points: Mapping[int, int]) -> None:
    most = {one.pk: len(one.labels) for one in Criterion.objects.filter(plan__call=row.proposal.call_id)}
    if any(criterion not in most or not 1 <= value <= most[criterion] for criterion, value in points.items()):
        raise ValidationError(_("Choose one of the words given for each criterion."))


def missing(review: Review) -> list[str]:
    """What stands between the review and its handing in."""
    given = set(review.scores.values_list("criterion", flat=True))
    criteria = Criterion.objects.filter(plan__call=review.proposal.call_id)
    found = [_("Not judged: %(what)s") % {"what": one.label} for one in criteria if one.pk not in given]
    if not review.to_applicant.strip():
        found.append(_("A comment to the applicant is missing."))
    return found


@transaction.atomic
def submit_review(*, review: Review, by: User) -> Review:
    """A second click finds it done."""
    row = _locked(review, by)
    if row.state == State.SUBMITTED:
        return row
    if problems := missing(row):
        raise ValidationError([ValidationError(one, code="incomplete") for one in problems])
    Review.objects.filter(pk=row.pk).update(submitted_at=Now())
    return move(row, State.SUBMITTED, by=by)


@transaction.atomic
def reopen_review(*, review: Review, by: User) -> Review:
    return move(_locked(review, by), State.STARTED, by=by)


@transaction.atomic
def abstain(*, review: Review, reason: str, has_conflict: bool, by: User) -> None:
    """Stand back for good. Where it is for a conflict of interest, the proposal is hidden from this person from now on."""
    row = _locked(review, by)
    Review.objects.filter(pk=row.pk).update(abstained_because=reason, changed_at=Now())
    proposal = row.proposal
    officers = [user for user in officers_of(proposal.call) if can(user, "decide", proposal)]
    desk = f"{proposal.call.desk_url}review/{proposal.pk}/"
    facts = {"reference": proposal.reference, "call": proposal.call.title, "desk": desk}
    move(row, State.ABSTAINED, by=by, tell=officers, context=facts)
    if has_conflict:
        record_conflict(proposal, by, reason, by)


def next_open(review: Review, by: User) -> Review | None:
    """The next one that waits for this reviewer in the same call, after this one and then from the beginning."""
    waiting = Review.objects.visible_to(by).filter(
        reviewer__user=by, state__in=Review.OPEN, proposal__call=review.proposal.call_id
    )
    rest = waiting.exclude(pk=review.pk).order_by("proposal__number")
    return rest.filter(proposal__number__gt=review.proposal.number).first() or rest.first()


@transaction.atomic
def add_remark(*, proposal: Proposal, text: str, by: User) -> Remark:
    """Reviewers speak under the number of their review, officers as the office."""
    if not can(by, "discuss", proposal):
        raise PermissionDenied(_("Reviewers who have handed in their own review, and the officers, discuss it."))
    own = Review.objects.filter(proposal=proposal, reviewer__user=by, state=State.SUBMITTED).first()
    return Remark.objects.create(proposal=proposal, review=own, by=by, text=text)
