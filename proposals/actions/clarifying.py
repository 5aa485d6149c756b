"""Questions of officers about what was submitted, and the answers: both are told, and what was submitted stays as it was."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from notifications.actions import announce
from proposals.actions.reviewing import officers_of
from proposals.actions.signing import facts, writers_of
from proposals.models import Clarification, Proposal


@transaction.atomic
def ask_clarification(*, proposal: Proposal, question: str, by: User) -> Clarification:
    """While it is with the alliance. The same question asked twice while it waits is one."""
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=proposal.pk)
    demand(by, "decide", row, _("An officer of the call without a conflict of interest can do this."))
    if row.state not in (Proposal.State.SUBMITTED, Proposal.State.REOPENED):
        raise ValidationError(_("The proposal is decided, or was taken back."), code="wrong_state")
    known = row.clarifications.filter(question=question, answered_at__isnull=True).first()
    if known:
        return known
    asked = Clarification.objects.create(proposal=row, question=question, by=by)
    announce("proposal.question", row, actor=by, to=writers_of(row), context=facts(row))
    return asked


@transaction.atomic
def answer_clarification(*, clarification: Clarification, answer: str, by: User) -> Clarification:
    """Once. Of two who answer at the same time, the second is told so and the first answer stays."""
    row = (
        Clarification.objects.select_for_update(of=("self",)).select_related("proposal__call").get(pk=clarification.pk)
    )
    demand(by, "write", row.proposal, _("The lead person, and whoever acts for the lead institution, can answer."))
    if row.answered_at is not None:
        if row.answer == answer:
            return row
        raise ValidationError(_("This question is answered already."), code="answered")
    Clarification.objects.filter(pk=row.pk).update(answer=answer, answered_by=by, answered_at=Now())
    proposal = row.proposal
    announce("proposal.answer", proposal, actor=by, to=officers_of(proposal.call), context=facts(proposal))
    row.refresh_from_db()
    return row
