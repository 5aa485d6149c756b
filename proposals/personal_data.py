"""What calls and proposals know of people: see toolkit.personal.

A proposal belongs to its institutions: it stays when its lead person goes, and then names nobody.
"""

from typing import Any

from accounts.models import User
from proposals.models import CallOfficer, Proposal
from toolkit.personal import Joins, Traces, leave, move, move_unless_there, rows

OWN = {"proposals.CallOfficer"}
TEXTS = {
    *("proposals.Proposal", "proposals.Answer", "proposals.Partner", "proposals.SignOff", "proposals.Submission"),
    *("proposals.BudgetLine", "proposals.Decision"),
}
FREE = {"proposals.Call", "proposals.CallPart", "proposals.Question"}

JOINS: Joins = {
    "proposals.CallOfficer.user": move_unless_there("call"),
    "proposals.Proposal.applicant": move,
    # Who said or decided something stays the one who did.
    "proposals.SignOff.by": leave,
    "proposals.Submission.by": leave,
    "proposals.Decision.by": leave,
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
    }


def erase(user: User, traces: Traces) -> None:
    """The account's row stays as a pseudonym, so a proposal keeps its lead person's number and nothing else of the person."""
    CallOfficer.objects.filter(user=user).delete()
