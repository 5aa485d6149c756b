"""What must be true of calls and proposals and no constraint can say."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Subquery

from proposals.actions.content import digest
from proposals.models import Call, Partner, Proposal, Submission
from proposals.models.call import LAST_MOMENT
from toolkit.invariants import invariant


@invariant("No proposal was taken outside the time of its call.")
def taken_in_time() -> Iterator[str]:
    calls = Call.objects.annotate(last=LAST_MOMENT)
    rows = Submission.objects.annotate(
        last=Subquery(calls.filter(proposals=OuterRef("proposal")).values("last")[:1])
    ).filter(Q(submitted_at__gt=F("last")) | Q(submitted_at__lt=F("proposal__call__opens_at")))
    for row in rows.order_by("pk"):
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
