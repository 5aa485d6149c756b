"""The door “moves”: a state changes here and nowhere else."""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from notifications.actions import announce
from workflow.models import Step
from workflow.tables import Move, table_of


class NotAllowed(PermissionDenied):
    """This person may not make this move; the text says who can."""


class WrongState(ValidationError):
    """From where the record stands now, there is no such move; also what a second click gets."""


Record = TypeVar("Record", bound=models.Model)


@transaction.atomic
def move(
    obj: Record,
    to: str,
    *,
    by,
    reason: str = "",
    about: Iterable[str] = (),
    tell: Iterable = (),
    context: Mapping | None = None,
) -> Record:
    """Bring a record into another state: lock, check, write history, announce. Returns the locked row.

    `by` is None where the clock moves it. `about`, `tell` and `context` go to the announcement, if the move tells one.
    The record handed in follows, so that it does not go on with its old state.
    """
    table = table_of(obj)
    row = table.model._base_manager.select_for_update(of=("self",), no_key=True).get(pk=obj.pk)
    source = getattr(row, table.field)
    step = table.find(source, to)
    if step is None:
        raise WrongState(_wrong_state(table, source, to), code="wrong_state")
    if not table.may(step, by, row):
        raise NotAllowed(_("This can be done by: %(who)s.") % {"who": table.who_can(step)})
    if step.guard:
        step.guard(row)
    setattr(row, table.field, to)
    row.save(update_fields=[table.field])
    Step.objects.create(
        object_label=table.model._meta.label_lower,
        object_id=str(row.pk),
        field=table.field,
        source=source,
        target=to,
        by=by,
        reason=reason,
    )
    if step.tells:
        announce(step.tells, row, actor=by, about=about, to=tell, context=context)
    setattr(obj, table.field, to)
    return cast(Record, row)


def moves_open_to(user, obj: models.Model) -> list[Move]:
    """The moves that this person may make from here, for buttons. Guards are asked only when one is pressed."""
    table = table_of(obj)
    source = getattr(obj, table.field)
    return [step for step in table.moves if step.source == source and table.may(step, user, obj)]


def _wrong_state(table, source: str, to: str) -> str:
    if source == to:
        return _("This is done already: it is “%(state)s”.") % {"state": table.state_label(to)}
    return _("From “%(source)s” there is no way to “%(target)s”.") % {
        "source": table.state_label(source),
        "target": table.state_label(to),
    }
