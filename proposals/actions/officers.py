"""To whom a call is given, and which of its proposals none of them may see: those need a deputy."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.models import User
from accounts.permissions import ADMINISTRATOR, OFFICER
from notifications.actions import announce
from notifications.models import Event
from proposals.actions.decisions import decidable
from proposals.actions.reviewing import officers_of
from proposals.bonds import conflicting
from proposals.models import Call, CallOfficer, Proposal, Submission

NEEDS_DEPUTY = "call.needs_deputy"


@transaction.atomic
def give_call(*, call: Call, officer: User, by: User) -> CallOfficer:
    """Given twice, it is once. The officer is told."""
    _demand(call, by)
    if not User.objects.holding(OFFICER, ADMINISTRATOR).filter(pk=officer.pk).exists():
        raise ValidationError(_("This person is no officer of the alliance."), code="no_officer")
    known = CallOfficer.objects.filter(call=call, user=officer).first()
    if known:
        return known
    row = CallOfficer.objects.create(call=call, user=officer)
    announce("call.given", call, actor=by, to=[officer], context={"title": call.title, "desk": call.desk_url})
    return row


@transaction.atomic
def take_call(*, call: Call, officer: User, by: User) -> None:
    _demand(call, by)
    CallOfficer.objects.filter(call=call, user=officer).delete()


def _demand(call: Call, by: User) -> None:
    demand(by, "staff", call, _("An administrator can do this."))


def shares(call: Call, by: User) -> tuple[list[tuple[User, int]], list[Proposal]]:
    """How many proposals each officer of the call must not see, and those that none of them may see.

    Counted over what the asking person may see: a conflict of interest hides a proposal here, too.
    """
    seen = {proposal.pk: proposal for proposal in decidable(call, by).select_related("call").order_by("number")}
    orphans, found = dict(seen), []
    for officer in officers_of(call):
        hidden = set(conflicting(officer).filter(pk__in=list(seen)).values_list("pk", flat=True))
        found.append((officer, len(hidden)))
        orphans = {pk: proposal for pk, proposal in orphans.items() if pk in hidden}
    return found, list(orphans.values())


def call_for_deputy(submission: Submission) -> None:
    """Where every officer of the call has a conflict of interest, the administrators who have none are told.

    Once for each submission, however often its PDF is made anew.
    """
    proposal = submission.proposal
    if any(can(officer, "decide", proposal) for officer in officers_of(proposal.call)):
        return
    about = Event.objects.filter(subject_label=proposal._meta.label_lower, subject_id=str(proposal.pk))
    if about.filter(kind=NEEDS_DEPUTY, facts__version=submission.version).exists():
        return
    administrators = User.objects.active().holding(ADMINISTRATOR)
    readers = [user for user in administrators if can(user, "decide", proposal)]
    desk = f"{proposal.call.desk_url}officers/"
    context = {"call": proposal.call.title, "desk": desk, "version": submission.version}
    announce(NEEDS_DEPUTY, proposal, actor=None, to=readers, context=context)
