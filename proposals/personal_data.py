"""What calls and proposals know of people: see toolkit.personal.

A proposal belongs to its institutions: it stays when its lead person goes, and then names nobody.
"""

from typing import Any

from accounts.models import User
from proposals.actions.papers import forget_papers
from proposals.models import CallOfficer, CallReviewer, DeclaredConflict, Proposal, Review
from toolkit.personal import Joins, Traces, leave, move, move_unless_there, rows

OWN = {"proposals.CallOfficer"}
TEXTS = {
    *("proposals.Proposal", "proposals.Answer", "proposals.Partner", "proposals.SignOff", "proposals.Submission"),
    *("proposals.BudgetLine", "proposals.Decision", "proposals.CallReviewer", "proposals.Review"),
    *("proposals.LateCode", "proposals.Clarification", "proposals.TeamMember", "proposals.WorkPackage"),
    *("proposals.Circular", "proposals.InstitutionRequest", "proposals.Signatory"),
    *("proposals.Remark", "proposals.DeclaredConflict", "proposals.Redaction", "proposals.Panel", "proposals.Rank"),
}
FREE = {
    *("proposals.Call", "proposals.CallPart", "proposals.Question"),
    *("proposals.ProposalFile", "proposals.SubmissionPdf"),
    *("proposals.ReviewPlan", "proposals.Criterion", "proposals.Score"),
}

JOINS: Joins = {
    "proposals.CallOfficer.user": move_unless_there("call"),
    "proposals.Proposal.applicant": move,
    "proposals.Proposal.entered_by": leave,
    # Who said or decided something stays the one who did.
    "proposals.SignOff.by": leave,
    "proposals.Submission.by": leave,
    "proposals.ProposalFile.by": leave,
    "proposals.Decision.by": leave,
    "proposals.LateCode.by": leave,
    "proposals.Circular.by": leave,
    "proposals.Circular.released_by": leave,
    "proposals.Clarification.by": leave,
    "proposals.Clarification.answered_by": leave,
    "proposals.InstitutionRequest.by": leave,
    "proposals.InstitutionRequest.answered_by": leave,
    "proposals.Signatory.by": leave,
    "proposals.Signatory.answered_by": leave,
    "proposals.CallReviewer.user": move_unless_there("call"),
    "proposals.CallReviewer.by": leave,
    "proposals.DeclaredConflict.user": move_unless_there("proposal"),
    "proposals.DeclaredConflict.by": leave,
    "proposals.Remark.by": leave,
    "proposals.Panel.locked_by": leave,
}


def export(user: User) -> dict[str, Any]:
    mine = Proposal.objects.filter(applicant=user)
    return {
        "proposals": [
            {
                **row,
                "reference": f"{row.pop('call__code')}-{row.pop('number'):03d}",
            }
            for row in rows(mine, "call__code", "number", "title", "summary", "state", "created_at", "submitted_at")
        ],
        "calls_given": rows(CallOfficer.objects.filter(user=user), "call__code"),
        "reviewing": rows(
            CallReviewer.objects.filter(user=user),
            *("call__code", "state", "most", "away_from", "away_until", "alternative", "invited_at", "answered_at"),
        ),
        # What is hidden from the person by a conflict of interest stays hidden in the person's own file.
        "reviews": rows(
            Review.objects.visible_to(user).filter(reviewer__user=user),
            *("proposal__number", "state", "to_applicant", "to_officers", "submitted_at"),
        ),
        "conflicts_declared": rows(DeclaredConflict.objects.filter(user=user, by=user), "reason", "at"),
    }


def erase(user: User, traces: Traces) -> None:
    """The account's row stays as a pseudonym, so a proposal keeps its lead person's number and nothing else of the person."""
    CallOfficer.objects.filter(user=user).delete()
    forget_papers(traces)
    # Reviews count on, under the pseudonym; what the person said of others and of the own bonds goes.
    CallReviewer.objects.filter(user=user).update(alternative="", away_from=None, away_until=None)
    DeclaredConflict.objects.filter(user=user).update(reason="")
