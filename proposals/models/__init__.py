"""Calls, and the proposals that answer them. One noun per file."""

from proposals.models.call import Call, CallOfficer, CallPart, CallStatus, Question
from proposals.models.circular import Circular
from proposals.models.clarification import Clarification
from proposals.models.decision import Decision
from proposals.models.file import ProposalFile
from proposals.models.late import LateCode
from proposals.models.panel import Panel, Rank
from proposals.models.partner import BudgetLine, Partner, SignOff
from proposals.models.plan import TeamMember, WorkPackage
from proposals.models.proposal import Answer, Proposal, Submission, SubmissionPdf
from proposals.models.request import InstitutionRequest, Signatory
from proposals.models.review import DeclaredConflict, Redaction, Remark, Review, Score
from proposals.models.reviewing import CallReviewer, Criterion, ReviewPlan

__all__ = [
    "Answer",
    "BudgetLine",
    "Call",
    "CallOfficer",
    "CallPart",
    "CallReviewer",
    "CallStatus",
    "Circular",
    "Clarification",
    "Criterion",
    "Decision",
    "DeclaredConflict",
    "InstitutionRequest",
    "LateCode",
    "Panel",
    "Partner",
    "Proposal",
    "ProposalFile",
    "Question",
    "Rank",
    "Redaction",
    "Remark",
    "Review",
    "ReviewPlan",
    "Score",
    "SignOff",
    "Signatory",
    "Submission",
    "SubmissionPdf",
    "TeamMember",
    "WorkPackage",
]
