"""Letters to the applicants of a call: written, looked at, changed, and only then released."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from notifications.actions import announce
from proposals.models import Call, Circular, Proposal


def _demand(by: User, call: Call) -> None:
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))


def recipients(circular: Circular):
    """At this moment; each person once, however many proposals."""
    proposals = Proposal.objects.filter(call=circular.call_id, state__in=circular.states)
    return User.objects.active().filter(pk__in=proposals.values("applicant")).order_by("pk")


@transaction.atomic
def hold_circular(*, call: Call, states: Iterable[str], subject: str, text: str, by: User) -> Circular:
    """Nobody hears of it yet. Sent twice by a double click, it is one."""
    _demand(by, call)
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    given = {"states": sorted(states), "subject": subject, "text": text, "by": by}
    known = Circular.objects.filter(call=call, released_at=None, **given).first()
    if known:
        return known
    circular = Circular(call=call, **given)
    circular.full_clean()
    circular.save()
    return circular


def _held(circular: Circular, by: User) -> Circular:
    row = Circular.objects.select_for_update(of=("self",)).select_related("call").filter(pk=circular.pk).first()
    _demand(by, circular.call)
    if row is None or row.released_at:
        raise ValidationError(_("It was released or taken away meanwhile."), code="released")
    return row


@transaction.atomic
def change_circular(*, circular: Circular, states: Iterable[str], subject: str, text: str, by: User) -> Circular:
    row = _held(circular, by)
    row.states, row.subject, row.text = sorted(states), subject, text
    row.full_clean()
    row.save(update_fields=["states", "subject", "text"])
    return row


@transaction.atomic
def release_circular(*, circular: Circular, by: User) -> Circular:
    """Once, to those whose proposals stand in its states now."""
    row = _held(circular, by)
    people = list(recipients(row))
    if not people:
        raise ValidationError(_("No proposal stands in these states now: nobody would get it."), code="nobody")
    facts = {"title": row.call.title, "subject": row.subject, "text": row.text, "call": row.call.title}
    announce("call.letter", row, actor=by, to=people, context=facts)
    Circular.objects.filter(pk=row.pk).update(released_at=Now(), released_by=by, reached=len(people))
    row.refresh_from_db()
    return row


@transaction.atomic
def discard_circular(*, circular: Circular, by: User) -> None:
    _held(circular, by).delete()
