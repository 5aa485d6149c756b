"""The states of the portal's records. An app writes a table in its `workflow.py`, imported by its AppConfig."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.access import can
from accounts.permissions import ADMINISTRATOR, OFFICER, REVIEWER, has_role

CLOCK = "clock"

# An administrator may do what an officer may; neither is asked of the record, only of the person.
ROLES: dict[str, tuple[str, ...]] = {
    "officer": (OFFICER, ADMINISTRATOR),
    "administrator": (ADMINISTRATOR,),
    "reviewer": (REVIEWER,),
}
ROLE_NAMES: dict[str, str | Promise] = {
    "officer": _("a programme officer"),
    "administrator": _("an administrator"),
    "reviewer": _("a reviewer"),
    CLOCK: _("the portal itself"),
}


@dataclass(frozen=True)
class Move:
    """`by` names who may: a role, `clock` (no person: by=None), or a rule `<name>_<model>` of the app's permissions.

    `guard` sees the locked row and raises ValidationError with a sentence. `tells` is the kind of event announced.
    """

    source: str
    target: str
    by: tuple[str, ...]
    guard: Callable[[Any], None] | None = None
    tells: str = ""
    label: str | Promise = ""


class Table:
    """All moves of one field. `who` gives rules of its own, and `names` the words for them in a refusal."""

    def __init__(
        self,
        model: type[models.Model],
        field: str,
        *moves: Move,
        who: Mapping[str, Callable[..., bool]] | None = None,
        names: Mapping[str, str | Promise] | None = None,
    ):
        self.model, self.field, self.moves = model, field, moves
        self.who, self.names = dict(who or {}), dict(names or {})
        self._check()
        tables[model._meta.label_lower] = self

    @property
    def _states(self) -> models.Field:
        return cast(models.Field, self.model._meta.get_field(self.field))

    def _check(self) -> None:
        """A misspelt state would be a button that never shows; better no start at all."""
        states = {value for value, _label in self._states.choices or []}
        pairs = [(move.source, move.target) for move in self.moves]
        unknown = {state for pair in pairs for state in pair} - states
        if unknown:
            raise ImproperlyConfigured(f"{self.model._meta.label}.{self.field} has no state {sorted(unknown)}.")
        if len(set(pairs)) < len(pairs):
            raise ImproperlyConfigured(f"The table of {self.model._meta.label} holds a move twice.")

    def find(self, source: str, target: str) -> Move | None:
        return next((move for move in self.moves if (move.source, move.target) == (source, target)), None)

    def may(self, move: Move, user, obj: models.Model) -> bool:
        """Strictly yes or no; None as the user is the portal's own clock."""
        if user is None:
            return CLOCK in move.by
        return any(self._is(name, user, obj) for name in move.by)

    def _is(self, name: str, user, obj: models.Model) -> bool:
        if name == CLOCK:
            return False
        if name in self.who:
            return self.who[name](user, obj) is True
        if name in ROLES:
            return has_role(user, *ROLES[name])
        return can(user, name, obj)

    def who_can(self, move: Move) -> str:
        """Those who may, in words, for a refusal."""
        names = {**ROLE_NAMES, **self.names}
        return ", ".join(str(names.get(name, name)) for name in move.by)

    def state_label(self, state: str) -> str:
        return str(dict(self._states.flatchoices).get(state, state))


tables: dict[str, Table] = {}


def table_of(model) -> Table:
    """The table of a model, or of a record's model."""
    return tables[model._meta.label_lower]


def mermaid(table: Table) -> str:
    """The table as a diagram for the documents."""
    lines = ["stateDiagram-v2"]
    default = table._states.get_default()
    if default:
        lines.append(f"    [*] --> {default}")
    for move in table.moves:
        told = f" (tells {move.tells})" if move.tells else ""
        lines.append(f"    {move.source} --> {move.target}: {', '.join(move.by)}{told}")
    return "\n".join(lines) + "\n"
