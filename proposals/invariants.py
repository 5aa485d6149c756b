"""What must be true of calls and proposals and no constraint can say."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Q, Subquery

from projects.models import Participation
from proposals.actions.conflicts import conflicts
from proposals.models import (
    Call,
    CallReviewer,
    Criterion,
    Decision,
    LateCode,
    Partner,
    Proposal,
    Review,
    Score,
    SignOff,
    Submission,
)
from proposals.models.call import LAST_MOMENT
from toolkit.invariants import invariant
from toolkit.saving import digest


@invariant("No proposal was taken outside the time of its call, but with a late code.")
def taken_in_time() -> Iterator[str]:
    late = LateCode.objects.filter(proposal=OuterRef("proposal"), until__gte=OuterRef("submitted_at"))
    calls = Call.objects.annotate(last=LAST_MOMENT)
    rows = Submission.objects.annotate(
        last=Subquery(calls.filter(proposals=OuterRef("proposal")).values("last")[:1])
    ).filter(Q(submitted_at__gt=F("last")) | Q(submitted_at__lt=F("proposal__call__opens_at")))
    for row in rows.filter(~Exists(late)).order_by("pk"):
        yield f"submission {row.pk} of proposal {row.proposal_id}"


@invariant("Each submission is what its digest says.")
def submissions_are_whole() -> Iterator[str]:
    for row in Submission.objects.order_by("pk").iterator():
        if digest(row.content) != row.digest:
            yield f"submission {row.pk} of proposal {row.proposal_id}"


@invariant("Each proposal has a lead institution, and one that was sent has a submission.")
def proposals_are_whole() -> Iterator[str]:
    lead = Partner.objects.filter(proposal=OuterRef("pk"), role=Partner.Role.LEAD)
    for row in Proposal.objects.filter(~Exists(lead)).order_by("pk"):
        yield f"proposal {row.pk}: no lead"
    sent = Submission.objects.filter(proposal=OuterRef("pk"))
    for row in Proposal.objects.filter(~Exists(sent), state__in=Proposal.STANDING).order_by("pk"):
        yield f"proposal {row.pk}: no submission"


@invariant("The instant of a proposal is that of its last submission.")
def instants_are_of_the_last_submission() -> Iterator[str]:
    last = Submission.objects.filter(proposal=OuterRef("pk")).order_by("-version").values("submitted_at")[:1]
    rows = Proposal.objects.annotate(last=Subquery(last)).filter(state__in=Proposal.STANDING)
    for pk in rows.exclude(submitted_at=F("last")).order_by("pk").values_list("pk", flat=True):
        yield f"proposal {pk}"


@invariant("The total of each submission is the sum of its budget.")
def totals_are_sums() -> Iterator[str]:
    for row in Submission.objects.order_by("pk").iterator():
        lines = sum((Decimal(line["amount"]) for line in row.content.get("budget", [])), Decimal(0))
        if lines != Decimal(row.content.get("total") or 0):
            yield f"submission {row.pk} of proposal {row.proposal_id}"


@invariant("Every institution of a proposal that is submitted has confirmed its part as it is.")
def submitted_is_confirmed() -> Iterator[str]:
    waiting = Partner.objects.unconfirmed().filter(proposal__state=Proposal.State.SUBMITTED)
    for pk, proposal in waiting.order_by("pk").values_list("pk", "proposal"):
        yield f"partner {pk} of proposal {proposal}"


@invariant("Decisions are applied where their proposal is decided, and nowhere else.")
def decisions_are_applied() -> Iterator[str]:
    applied = Q(applied_at__isnull=False)
    decided = Q(proposal__state__in=Proposal.DECIDED)
    for pk in Decision.objects.filter(applied ^ decided).order_by("pk").values_list("pk", flat=True):
        yield f"decision {pk}"
    without = Proposal.objects.filter(state__in=Proposal.DECIDED, decision=None)
    for pk in without.order_by("pk").values_list("pk", flat=True):
        yield f"proposal {pk}: no decision"


@invariant("What became a project did so with all its institutions.")
def projects_have_their_partners() -> Iterator[str]:
    missing = Partner.objects.filter(proposal__project__isnull=False).exclude(
        institution__in=Participation.objects.filter(project=OuterRef("proposal__project")).values("institution")
    )
    for proposal, institution in missing.order_by("pk").values_list("proposal", "institution"):
        yield f"proposal {proposal}: institution {institution} is not in the project"


@invariant("Nobody reviews a proposal in which the registry knows a conflict of interest.")
def reviews_are_without_conflict() -> Iterator[str]:
    """One that came up after the review was begun is hidden from the reviewer, and stays in this list until an officer acts."""
    in_use = Review.objects.in_use().order_by("pk").values_list("pk", "proposal", "reviewer__user")
    rows = list(in_use)
    found = conflicts({user for _pk, _proposal, user in rows}, {proposal for _pk, proposal, _user in rows})
    for pk, proposal, user in rows:
        if found.are_there(proposal, user):
            yield f"review {pk} of proposal {proposal}"


@invariant("Each review is by a reviewer of its call who has accepted.")
def reviewers_are_of_the_call() -> Iterator[str]:
    rows = Review.objects.in_use().exclude(
        reviewer__call=F("proposal__call"), reviewer__state=CallReviewer.State.ACCEPTED
    )
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        yield f"review {pk}"


@invariant("Each review that is handed in judges every criterion, within its scale.")
def reviews_are_whole() -> Iterator[str]:
    judged = Score.objects.filter(review=OuterRef(OuterRef("pk")), criterion=OuterRef("pk"))
    open_ones = Criterion.objects.filter(~Exists(judged), plan__call=OuterRef("proposal__call"))
    for pk in Review.objects.counting().filter(Exists(open_ones)).order_by("pk").values_list("pk", flat=True):
        yield f"review {pk}: a criterion is not judged"
    beyond = Score.objects.exclude(criterion__labels__len__gte=F("points"))
    for pk in beyond.order_by("pk").values_list("pk", flat=True):
        yield f"score {pk}: more points than words"


@invariant("Reviews are given for proposals that were sent.")
def reviews_are_of_sent_proposals() -> Iterator[str]:
    rows = Review.objects.filter(proposal__state=Proposal.State.DRAFT)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        yield f"review {pk}"


@invariant("What an institution said is of a part and a revision that there is.")
def sign_offs_are_of_their_part() -> Iterator[str]:
    rows = SignOff.objects.filter(revision__gt=F("partner__revision"))
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        yield f"sign-off {pk}"
