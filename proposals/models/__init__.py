"""Calls, and the proposals that answer them. One noun per file."""

from proposals.models.call import Call, CallOfficer, CallPart, CallStatus, Question
from proposals.models.decision import Decision
from proposals.models.partner import BudgetLine, Partner, SignOff
from proposals.models.proposal import Answer, Proposal, Submission

__all__ = [
    "Answer",
    "BudgetLine",
    "Call",
    "CallOfficer",
    "CallPart",
    "CallStatus",
    "Decision",
    "Partner",
    "Proposal",
    "Question",
    "SignOff",
    "Submission",
]
