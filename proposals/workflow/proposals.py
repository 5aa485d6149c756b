"""The way of a proposal, from the draft to the decision."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from proposals.models import Call, Proposal
from workflow.tables import CLOCK, Move, Table

State = Proposal.State


def takes_proposals(proposal: Proposal) -> None:
    """The call still takes what is changed now. A submission itself is decided by `actions.submission.TAKE`."""
    if not proposal.is_taken:
        raise ValidationError(_("The call is closed."), code="closed")


def was_taken(proposal: Proposal) -> None:
    """Only the guarded statement writes the instant, in the transaction of the move."""
    if proposal.submitted_at is None:
        raise ValidationError(_("The call is closed."), code="closed")


def call_is_over(proposal: Proposal) -> None:
    if not Call.objects.over().filter(pk=proposal.call_id).exists():
        raise ValidationError(_("The call is not closed yet."), code="open")


PROPOSAL = Table(
    Proposal,
    "state",
    Move(State.DRAFT, State.SUBMITTED, by=("submit",), guard=was_taken, tells="proposal.submitted"),
    Move(State.REOPENED, State.SUBMITTED, by=("submit",), guard=was_taken, tells="proposal.submitted"),
    # A partner that takes its word back reopens it too; for the table that is the clock.
    Move(State.SUBMITTED, State.REOPENED, by=("submit", CLOCK), guard=takes_proposals, tells="proposal.reopened"),
    *(
        Move(source, State.WITHDRAWN, by=("submit",), tells="proposal.withdrawn", label=_("Withdraw"))
        for source in (State.SUBMITTED, State.REOPENED)
    ),
    Move(State.DRAFT, State.WITHDRAWN, by=("submit",), label=_("Give up the draft")),
    *(
        Move(source, outcome, by=("decide",), guard=call_is_over, tells="proposal.decided")
        for source in (State.SUBMITTED, State.REOPENED)
        for outcome in Proposal.DECIDED
    ),
    # A place becomes free after the decision.
    *(
        Move(State.RESERVE, outcome, by=("decide",), tells="proposal.decided")
        for outcome in (State.ACCEPTED, State.REJECTED)
    ),
    names={
        "submit": _("the lead person, or whoever acts for the lead institution"),
        "decide": _("an officer of the call without a conflict of interest"),
        CLOCK: _("a partner that takes its confirmation back"),
    },
)
