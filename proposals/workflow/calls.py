from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from proposals.models import Call
from workflow.tables import Move, Table

State = Call.State


def is_complete(call: Call) -> None:
    missing = [
        name
        for name, value in [
            (_("a summary"), call.summary),
            (_("an opening"), call.opens_at),
            (_("a deadline"), call.closes_at),
        ]
        if not value
    ]
    if missing:
        raise ValidationError(_("A call needs %(what)s.") % {"what": ", ".join(map(str, missing))})
    if not Call.objects.filter(pk=call.pk, closes_at__gt=Now()).exists():
        raise ValidationError(_("The deadline has passed already."))


def nobody_answered(call: Call) -> None:
    if call.proposals.exists():
        raise ValidationError(_("There are proposals already: change the deadline instead."))


def is_over(call: Call) -> None:
    if not Call.objects.over().filter(pk=call.pk).exists():
        raise ValidationError(_("The call is not closed yet."))


CALL = Table(
    Call,
    "state",
    Move(State.DRAFT, State.PUBLISHED, by=("edit",), guard=is_complete, tells="call.opened", label=_("Publish")),
    Move(State.PUBLISHED, State.DRAFT, by=("edit",), guard=nobody_answered, label=_("Take back to draft")),
    Move(State.PUBLISHED, State.DECIDED, by=("edit",), guard=is_over, label=_("Announce the decisions")),
    names={"edit": _("an officer to whom the call is given, or an administrator")},
)
