"""What the portal knows of a person. Each app's `personal_data.py` tells it in these words, and `anso_portal` only joins them.

A `personal_data.py` declares each model that could hold something of a person, by its label:

- `OWN`: each row belongs to a person. The app exports and erases them.
- `TEXTS`: words that may name anybody. What a person wrote goes with the person; in what others wrote, the name is blotted out.
- `FREE`: without, because they describe the alliance, or hold numbers and words of ours alone.
- `JOINS`: for each relation to an account, a person or a subscriber (`members.Person.user`), how it goes from the account
  that is closed to the one that is kept when two accounts of one person are joined.

It may further hold `export(user) -> dict`, `erase(user, traces)`, `traces(user)` (texts by which the person is found elsewhere) and
`obstacles(user)` (what has to be done before the account can be closed). A model without a declaration fails a test, and an
undeclared relation refuses the joining.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from pghistory.models import Event as HistoryEvent

SHORTEST = 2  # A name in Chinese may have two letters; a single one would be found everywhere.
LETTERS_WITH_SPACES = (
    r"A-Za-z0-9_\u00c0-\u052f"  # Latin, Greek, Cyrillic: scripts in which a name ends where a word ends
)


@dataclass(frozen=True)
class Traces:
    """By what a person is found in texts, and what stands there afterwards."""

    texts: tuple[str, ...]
    pseudonym: str

    @cached_property
    def pattern(self) -> str:
        """One that PostgreSQL and Python read alike: the longest text first, and none as part of a longer word."""
        return self._pattern(lambda text: text)

    @cached_property
    def pattern_in_json(self) -> str:
        """The same within the text of a JSON value or an array, which escapes quotes and backslashes."""
        return self._pattern(lambda text: text.replace("\\", "\\\\").replace('"', '\\"'))

    def _pattern(self, written: Callable[[str], str]) -> str:
        longest_first = sorted({text for text in self.texts if len(text) >= SHORTEST}, key=len, reverse=True)
        return "|".join(_whole(written(text)) for text in longest_first)

    def found_in(self, text: str) -> bool:
        return bool(self.pattern) and re.search(self.pattern, text) is not None


def _whole(text: str) -> str:
    before = rf"(?<![{LETTERS_WITH_SPACES}])" if re.match(f"[{LETTERS_WITH_SPACES}]", text) else ""
    after = rf"(?![{LETTERS_WITH_SPACES}])" if re.search(f"[{LETTERS_WITH_SPACES}]$", text) else ""
    return f"{before}{re.escape(text)}{after}"


# --- Models and their fields

WRITTEN = (models.CharField, models.TextField, models.JSONField, ArrayField)


def is_free_text(field: models.Field) -> bool:
    """Whether somebody's words could stand in it; one of our own choices, a number or a date cannot."""
    if field.choices or field.is_relation or field.name.startswith("pgh_"):
        return False
    return isinstance(field, (*WRITTEN, models.FileField, models.BinaryField, models.GenericIPAddressField))


def is_history(model: type[models.Model]) -> bool:
    """Events of the history are never changed: they hold no personal field, and numbers of people stay."""
    return issubclass(model, HistoryEvent)


def free_texts(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.local_fields if is_free_text(field)]


def relations_to(*targets: type[models.Model]) -> Iterator[models.Field]:
    """All columns of all tables that name a row of these, but for those of the history."""
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy or is_history(model):
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model in targets:
                yield field


# --- Blotting out


def blot_out(model: type[models.Model], traces: Traces) -> int:
    """Puts the pseudonym where a text of the table names the person. Says how many values changed."""
    changed = 0
    for field in free_texts(model):
        if field.primary_key or field.unique or not traces.pattern or not isinstance(field, WRITTEN):
            continue
        changed += _blot_out_column(model, field, traces)
    return changed


def _blot_out_column(model: type[models.Model], field: models.Field, traces: Traces) -> int:
    table, column = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(str(field.column))
    pattern = traces.pattern_in_json if isinstance(field, models.JSONField | ArrayField) else traces.pattern
    changed = f"regexp_replace({column}::text, %s, %s, 'g')::{field.db_type(connection)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = {changed} WHERE {column}::text ~ %s",  # noqa: S608 (quoted above)
            [pattern, traces.pseudonym, pattern],
        )
        return cursor.rowcount


# --- Joining two accounts


@dataclass(frozen=True)
class Joining:
    """How one relation goes from the row that is closed to the one that is kept. `joins` says how all the others go."""

    relation: models.Field
    kept: Any
    closed: Any
    joins: "Joins"

    @property
    def coming(self) -> models.QuerySet:
        return self.relation.model._base_manager.filter(**{self.relation.name: self.closed})

    @property
    def there(self) -> models.QuerySet:
        return self.relation.model._base_manager.filter(**{self.relation.name: self.kept})


Join = Callable[[Joining], None]
Joins = Mapping[str, Join]


def move(joining: Joining) -> None:
    joining.coming.update(**{joining.relation.name: joining.kept})


def leave(joining: Joining) -> None:
    """It tells what was, and stays with the closed one."""


def drop(joining: Joining) -> None:
    joining.coming.delete()


def move_unless_there(*same: str, among: Q | None = None) -> Join:
    """Rows that the kept one has already, alike in these fields, are dropped; the others move."""

    def join(joining: Joining) -> None:
        alike = joining.there.filter(among or Q())
        for row in joining.coming.filter(among or Q()):
            if alike.filter(**{name: getattr(row, name) for name in same}).exists():
                row.delete()
        move(joining)

    return join


class UndeclaredRelationsError(Exception):
    """The names of relations that no app has said how to join."""


def join_rows(kept: models.Model, closed: models.Model, joins: Joins) -> None:
    """Everything that names the closed row goes to the kept one, as the apps have declared."""
    for relation in declared_relations(type(kept), joins):
        joins[relation_label(relation)](Joining(relation, kept, closed, joins))


def declared_relations(target: type[models.Model], joins: Joins) -> list[models.Field]:
    relations = list(relations_to(target))
    if undeclared := {relation_label(relation) for relation in relations} - set(joins):
        raise UndeclaredRelationsError(", ".join(sorted(undeclared)))
    return relations


def relation_label(relation: models.Field) -> str:
    return f"{relation.model._meta.label}.{relation.name}"


def rows(queryset: models.QuerySet, *fields: str) -> list[dict]:
    """For an export: these fields of each row, in the order of their keys."""
    return list(queryset.order_by("pk").values(*fields))
