"""Who reviews what: computed for a whole call and shown before it is applied, or chosen by hand.

Reviews that were begun or chosen by hand stay where they are; the rest may move when the assignment is made anew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import demand
from accounts.models import User
from members.models import Affiliation, InstitutionRole, Person
from notifications.actions import announce
from proposals.actions.conflicts import Conflicts, conflicts
from proposals.actions.decisions import decidable
from proposals.actions.matching import Places, fit, match
from proposals.models import CallReviewer, Proposal, Review, ReviewPlan
from toolkit.names import fold
from toolkit.saving import digest

SEED = 1


class ChangedSince(Exception):
    """Something was changed since the assignment was shown: it must be looked at again."""


@dataclass(frozen=True)
class Pair:
    proposal: Proposal
    reviewer: CallReviewer
    why: dict[str, Any]


@dataclass(frozen=True)
class Unfilled:
    proposal: Proposal
    missing: int
    sentence: str


@dataclass(frozen=True)
class Assignment:
    """What would be: new pairs, those that stay, those that are taken away, and what cannot be filled, with the reason."""

    new: list[Pair]
    kept: list[Review]
    gone: list[Review]
    unfilled: list[Unfilled]
    loads: list[tuple[CallReviewer, int]]

    @property
    def key(self) -> str:
        """The same for the same assignment, so that what is applied is what was shown."""
        new = sorted((pair.proposal.pk, pair.reviewer.pk) for pair in self.new)
        return digest([new, sorted(one.pk for one in self.kept), sorted(one.pk for one in self.gone)])


@dataclass(frozen=True)
class Field:
    """Everything an assignment looks at, read once."""

    plan: ReviewPlan
    proposals: list[Proposal]
    reviewers: list[CallReviewer]
    conflicts: Conflicts
    knowledge: dict[int, frozenset[str]]
    countries: dict[int, str]
    reviews: list[Review]

    def why(self, proposal: Proposal, reviewer: CallReviewer) -> dict[str, Any]:
        """What speaks for the pair: the words of the reviewer's expertise that the proposal has, and how much that is."""
        words = self.about(proposal)
        shared = words & self.knowledge.get(reviewer.user_id, frozenset())
        return {
            "words": sorted(shared),
            "fit": fit(words, shared),
            "country": self.countries.get(reviewer.pk, ""),
        }

    def about(self, proposal: Proposal) -> frozenset[str]:
        """The words of expertise of all reviewers that stand in the title or the summary."""
        text = f" {fold(f'{proposal.title} {proposal.summary}')} "
        return frozenset(word for word in self.vocabulary if f" {word} " in text)

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset().union(*self.knowledge.values()) if self.knowledge else frozenset()


def field_of(plan: ReviewPlan, by: User) -> Field:
    """Of what this officer may know: a proposal that a conflict of interest hides is assigned by a deputy."""
    proposals = list(
        decidable(plan.call, by)
        .filter(state__in=[Proposal.State.SUBMITTED, Proposal.State.REOPENED])
        .select_related("call")
        .order_by("number")
    )
    reviewers = list(CallReviewer.objects.filter(call=plan.call).available().select_related("user").order_by("pk"))
    users = [reviewer.user_id for reviewer in reviewers]
    reviews = Review.objects.filter(proposal__in=proposals).select_related("reviewer__user", "proposal__call")
    return Field(
        plan=plan,
        proposals=proposals,
        reviewers=reviewers,
        conflicts=conflicts(users, [proposal.pk for proposal in proposals]),
        knowledge={
            user: frozenset(filter(None, (fold(term) for term in terms)))
            for user, terms in Person.objects.filter(user__in=users).values_list("user", "expertise")
        },
        countries=countries_of(reviewers),
        reviews=list(reviews.order_by("pk")),
    )


def countries_of(reviewers: Iterable[CallReviewer]) -> dict[int, str]:
    """By reviewer: the country of where the person works, or else acts."""
    users = {reviewer.user_id: reviewer.pk for reviewer in reviewers}
    found: dict[int, str] = {}
    for rows, owner in (
        (InstitutionRole.objects.current().filter(user__in=users), "user"),
        (Affiliation.objects.current().filter(person__user__in=users), "person__user"),
    ):
        for user, country in rows.order_by("-pk").values_list(owner, "institution__country"):
            found[users[user]] = country or ""
    return found


def work_out(plan: ReviewPlan, by: User, *, seed: int = SEED) -> Assignment:
    """The best assignment as things stand. Nothing is stored."""
    field = field_of(plan, by)
    # Whoever abstained has answered for good; the place is free again.
    abstained = {(one.proposal_id, one.reviewer_id) for one in field.reviews if one.state == Review.State.ABSTAINED}
    in_use = [one for one in field.reviews if one.state != Review.State.ABSTAINED]
    known = {reviewer.pk for reviewer in field.reviewers}
    fixed = [one for one in in_use if one.state != Review.State.ASSIGNED or one.by_hand]
    movable = [one for one in in_use if one.state == Review.State.ASSIGNED and not one.by_hand]
    held = Counter(one.reviewer_id for one in fixed)
    done = Counter(one.proposal_id for one in fixed)
    taken = {(one.proposal_id, one.reviewer_id) for one in fixed}
    about = {proposal.pk: field.about(proposal) for proposal in field.proposals}
    fits = {
        (proposal.pk, reviewer.pk): fit(about[proposal.pk], field.knowledge.get(reviewer.user_id, ()))
        for proposal in field.proposals
        for reviewer in field.reviewers
        if not field.conflicts.are_there(proposal.pk, reviewer.user_id)
        and (proposal.pk, reviewer.pk) not in taken | abstained
    }
    chosen = match(
        Places(
            wanted={p.pk: max(0, plan.per_proposal - done[p.pk]) for p in field.proposals},
            room={r.pk: max(0, most_of(plan, r) - held[r.pk]) for r in field.reviewers},
            fits=fits,
            country=field.countries,
            held={pk: number for pk, number in held.items() if pk in known},
            present=frozenset((one.proposal_id, one.reviewer_id) for one in movable),
        ),
        seed=seed,
    )
    there = {(one.proposal_id, one.reviewer_id): one for one in movable}
    proposals, reviewers = {p.pk: p for p in field.proposals}, {r.pk: r for r in field.reviewers}
    new = [
        Pair(proposals[p], reviewers[r], field.why(proposals[p], reviewers[r]))
        for p, r in sorted(chosen - there.keys())
    ]
    kept = [*fixed, *(one for pair, one in there.items() if pair in chosen)]
    loads = Counter(one.reviewer_id for one in kept) + Counter(pair.reviewer.pk for pair in new)
    return Assignment(
        new=new,
        kept=kept,
        gone=[one for pair, one in there.items() if pair not in chosen],
        unfilled=_unfilled(field, done + Counter(p for p, _r in chosen), loads),
        loads=[(reviewer, loads[reviewer.pk]) for reviewer in field.reviewers],
    )


def most_of(plan: ReviewPlan, reviewer: CallReviewer) -> int:
    return plan.per_reviewer if reviewer.most is None else min(reviewer.most, plan.per_reviewer)


def _unfilled(field: Field, filled: Counter, loads: Counter) -> list[Unfilled]:
    found = []
    for proposal in field.proposals:
        missing = field.plan.per_proposal - filled[proposal.pk]
        if missing <= 0:
            continue
        bound = sum(field.conflicts.are_there(proposal.pk, reviewer.user_id) for reviewer in field.reviewers)
        full = sum(
            loads[reviewer.pk] >= most_of(field.plan, reviewer)
            and not field.conflicts.are_there(proposal.pk, reviewer.user_id)
            for reviewer in field.reviewers
        )
        text = ngettext(
            "%(missing)d review is missing. Of %(all)d reviewers, %(bound)d have a conflict of interest, %(full)d no room.",
            "%(missing)d reviews are missing. Of %(all)d reviewers, %(bound)d have a conflict of interest, %(full)d no room.",
            missing,
        )
        words = {"missing": missing, "all": len(field.reviewers), "bound": bound, "full": full}
        found.append(Unfilled(proposal, missing, text % words))
    return found


@transaction.atomic
def apply_assignment(*, plan: ReviewPlan, key: str, by: User) -> Assignment:
    """The assignment with this key, which the officer has seen. Raises ChangedSince where it would be another one now."""
    demand(by, "edit", plan, _("An officer to whom the call is given, or an administrator, can do this."))
    row = ReviewPlan.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=plan.pk)
    if row.phase not in (ReviewPlan.Phase.PREPARING, ReviewPlan.Phase.REVIEWING):
        raise ValidationError(_("Reviewers are assigned before the discussion."), code="wrong_state")
    assignment = work_out(row, by)
    if assignment.key != key:
        raise ChangedSince
    # A review that its reviewer has opened in this moment is not taken away any more.
    Review.objects.filter(pk__in=[one.pk for one in assignment.gone], state=Review.State.ASSIGNED).delete()
    Review.objects.bulk_create(
        Review(proposal=pair.proposal, reviewer=pair.reviewer, why=pair.why) for pair in assignment.new
    )
    if row.phase == ReviewPlan.Phase.REVIEWING:
        tell_reviewers(row, [pair.reviewer for pair in assignment.new], by)
    return assignment


@transaction.atomic
def assign_by_hand(*, plan: ReviewPlan, proposal: Proposal, reviewer: CallReviewer, by: User) -> Review:
    """One pair. A conflict of interest forbids it, whoever asks; the even load does not."""
    demand(by, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    row = ReviewPlan.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=plan.pk)
    if reviewer.call_id != row.call_id or proposal.call_id != row.call_id:
        raise ValidationError(_("The reviewer is not one of this call."))
    if reviewer.state != CallReviewer.State.ACCEPTED:
        raise ValidationError(_("This reviewer has not accepted."))
    field = field_of(row, by)
    if reviewer.user_id in field.conflicts.unknown or reviewer.user_id not in {r.user_id for r in field.reviewers}:
        raise ValidationError(_("It is not known where this person works, or the person is away."), code="unknown")
    if reasons := field.conflicts.of.get((proposal.pk, reviewer.user_id)):
        raise ValidationError([_("There is a conflict of interest."), *reasons], code="conflict")
    if known := Review.objects.filter(proposal=proposal, reviewer=reviewer).first():
        if known.state == Review.State.ABSTAINED:
            raise ValidationError(_("This reviewer has abstained."), code="abstained")
        return known
    review = Review.objects.create(
        proposal=proposal, reviewer=reviewer, why=field.why(proposal, reviewer), by_hand=True
    )
    if row.phase == ReviewPlan.Phase.REVIEWING:
        tell_reviewers(row, [reviewer], by)
    return review


@transaction.atomic
def take_away(*, review: Review, by: User) -> None:
    """Only one that was not begun."""
    demand(by, "assign", review, _("An officer of the call without a conflict of interest can do this."))
    gone, _models = Review.objects.filter(pk=review.pk, state=Review.State.ASSIGNED).delete()
    if not gone:
        raise ValidationError(_("The review was begun: it stays with its reviewer."), code="wrong_state")


def tell_reviewers(plan: ReviewPlan, reviewers: Iterable[CallReviewer], by: User | None, kind="review.begun") -> int:
    """Each once, with the number of proposals that still wait for this reviewer. Says how many were told."""
    known = {reviewer.pk: reviewer for reviewer in reviewers}
    open_ones: dict[int, int] = defaultdict(int)
    waiting = Review.objects.filter(reviewer__in=known, state__in=Review.OPEN)
    for pk in waiting.exclude(proposal__state=Proposal.State.WITHDRAWN).values_list("reviewer", flat=True):
        open_ones[pk] += 1
    for pk, number in open_ones.items():
        announce(
            kind,
            known[pk],
            actor=by,
            to=[known[pk].user],
            context={"call": plan.call.title, "number": number, "due_at": plan.due_at},
        )
    return len(open_ones)
