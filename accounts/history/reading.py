"""What happened to a record and its parts, from the events that the database wrote: who, when, why, before and after.

One statement reads the events of a record from all their tables, each with the one before it; one more reads the people, and
one for each kind of record that is pointed to. Models with personal fields keep no events. Who acted is told by name to the
secretariat and to those who may know the person; to others it was a programme officer, or somebody.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import pghistory.core
from django.core.exceptions import BadRequest
from django.db import connection, models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import permission, visible
from accounts.models import AllianceRole, HistoryReason, User
from accounts.permissions import ADMINISTRATOR, EVERYONE, NOBODY, OFFICER, is_secretariat

SIZE = 50  # Events on a page.
CHUNK = 500  # Events of a file whose names are asked for at once.
LABELS = {"insert": gettext_lazy("added"), "update": gettext_lazy("changed"), "delete": gettext_lazy("removed")}

BRANCH = """
(SELECT {number} AS source, event.pgh_id, event.pgh_obj_id, event.pgh_label, event.pgh_created_at, event.pgh_context_id,
    to_jsonb(event) AS after,
    CASE WHEN event.pgh_label = 'update' THEN (
        SELECT to_jsonb(earlier) FROM {table} AS earlier
        WHERE earlier.pgh_obj_id = event.pgh_obj_id AND earlier.pgh_id < event.pgh_id ORDER BY earlier.pgh_id DESC LIMIT 1
    ) END AS before
FROM {table} AS event WHERE {condition} ORDER BY event.pgh_created_at DESC, event.pgh_id DESC{limit})
"""
EVENTS = """
SELECT found.*, context.metadata FROM ({branches}) AS found LEFT JOIN pghistory_context AS context ON context.id = pgh_context_id
ORDER BY pgh_created_at DESC, source, pgh_id DESC{limit}
"""
OLDER = """(event.pgh_created_at < %s OR event.pgh_created_at = %s AND ({number} > %s OR {number} = %s AND event.pgh_id < %s))"""


class Part(NamedTuple):
    """Rows of a model that belong to a record, by the name of their key to it."""

    model: type[models.Model]
    key: str


class Reader(NamedTuple):
    """Who reads, and which people this person may know by name, beside those who are visible anyhow."""

    user: User
    knows: Q = NOBODY


@dataclass
class Change:
    """One field from one value to another, or a part that came or went, in one line. `what` is empty for the record itself."""

    what: str
    label: str | Promise
    field: str | Promise
    before: str
    after: str

    def __str__(self) -> str:
        """What it is about, as the first column says it."""
        if not self.field:
            return f"{capfirst(self.what)} {self.label}"
        return f"{capfirst(self.what)}: {self.field}" if self.what else capfirst(str(self.field))


@dataclass
class Entry:
    """What one person or program did at one time, for one reason."""

    at: datetime
    who: str
    reason: str
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str  # Where the next page begins; empty on the last one.


class Event(NamedTuple):
    """One event with what stood before it; the values are as JSON has them."""

    source: int
    number: int
    record: int
    label: str
    at: datetime
    context: UUID | None
    after: dict
    before: dict | None
    facts: dict

    @property
    def place(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.number}"


def event_model(model: type[models.Model]) -> type[models.Model] | None:
    tracked = set(getattr(model, "pgh_event_models", {}).values())
    return tracked.pop() if len(tracked) == 1 else None


class Source(NamedTuple):
    """A table of events, and which of them are meant."""

    events: type[models.Model]
    condition: str
    values: tuple


def sources_of(record: models.Model, parts: Iterable[Part | tuple] = ()) -> list[Source]:
    """Of the record itself, then of its parts; those that keep no events are left out."""
    found = [(event_model(type(record)), "event.pgh_obj_id = %s")]
    for model, key in parts:
        events = event_model(model)
        column = events._meta.get_field(key).column if events else ""
        found.append((events, f"event.{connection.ops.quote_name(column)} = %s"))
    return [Source(events, condition, (record.pk,)) for events, condition in found if events]


def tables_for(user: User) -> Iterator[tuple[type[models.Model], models.QuerySet | None]]:
    """Each table of events that this person may read in, with the keys of the records that it may be about; None is all of them.

    Where that hangs on the record, one that is gone tells nothing any more.
    """
    for events in pghistory.core.event_models():
        tracked = events.pgh_tracked_model
        rule = permission("view", tracked)(user)
        if rule != NOBODY:
            yield events, None if rule == EVERYONE else tracked._base_manager.filter(rule).order_by().values("pk")


def sources_for(user: User, condition: str, values: tuple) -> list[Source]:
    """Of all tables what this person may know of."""
    found = []
    for events, records in tables_for(user):
        if records is None:
            found.append(Source(events, condition, values))
        else:
            keys, given = records.query.sql_with_params()
            found.append(Source(events, f"{condition} AND event.pgh_obj_id IN ({keys})", (*values, *given)))
    return found


def history_page(
    record: models.Model, parts: Iterable[Part | tuple], reader: Reader, *, after: str = "", size: int = SIZE
) -> Page:
    """The newest first; `after` is where the page before ended."""
    sources = sources_of(record, parts)
    events = list(events_of(sources, after=_place(after), limit=size + 1))
    shown = events[:size]
    entries = _entries(shown, sources, record, reader)
    return Page(entries, shown[-1].place if len(events) > size else "")


def _place(text: str) -> tuple | None:
    if not text:
        return None
    at, _sign, rest = text.partition("~")
    source, _sign, number = rest.partition("~")
    try:
        moment = parse_datetime(at)
        if moment and moment.tzinfo:
            return moment, int(source), int(number[:18])
    except (ValueError, OverflowError):
        pass
    raise BadRequest(_("after: “%(value)s” is not a place in this history.") % {"value": text[:60]})


# --- Reading


def events_of(sources: list[Source], *, after: tuple | None = None, limit: int | None = None) -> Iterator[Event]:
    """Without a limit all of them, streamed."""
    if not sources:
        return
    tail, branches, values = (f" LIMIT {limit:d}" if limit else ""), [], []
    for number, source in enumerate(sources):
        condition = source.condition
        values += source.values
        if after:
            at, last_source, last_number = after
            condition += f" AND {OLDER.format(number=number)}"
            values += [at, at, last_source, last_source, last_number]
        table = connection.ops.quote_name(source.events._meta.db_table)
        branches.append(BRANCH.format(number=number, table=table, condition=condition, limit=tail))
    statement = EVENTS.format(branches=" UNION ALL ".join(branches), limit=tail)
    with connection.chunked_cursor() if not limit else connection.cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield Event(*row[:6], after=_json(row[6]) or {}, before=_json(row[7]), facts=_json(row[8]) or {})


def _json(text: str | None) -> dict | None:
    return json.loads(text, parse_float=Decimal) if text else None


# --- Showing


def _entries(events: list[Event], sources: list[Source], record: models.Model | None, reader: Reader) -> list[Entry]:
    names = Names(events, sources, reader)
    entries: dict[tuple, Entry] = {}
    for event in events:
        key = event.at, event.context
        entry = entries.setdefault(key, Entry(event.at, names.who(event.facts), names.why(event.facts)))
        entry.changes += changes_of(event, sources[event.source].events, names, record)
    return [entry for entry in entries.values() if entry.changes]


def changes_of(event: Event, model: type[models.Model], names: "Names", record: models.Model | None) -> list[Change]:
    """That a part belongs to the record goes without saying. An event without one before it says only that something changed."""
    tracked = model.pgh_tracked_model
    what = "" if isinstance(record, tracked) and event.record == record.pk else str(tracked._meta.verbose_name)
    label = LABELS.get(event.label, event.label)
    fields = [field for field in _fields(model) if not _points_to(event, field, record)]
    if event.label == "update":
        earlier = event.before
        if earlier is None:
            return [Change(what or str(tracked._meta.verbose_name), label, "", "", "")]
        changed = [field for field in fields if earlier.get(field.column) != event.after.get(field.column)]
        return [
            Change(what, label, _name_of(tracked, field), names.shown(field, earlier), names.shown(field, event.after))
            for field in changed
        ]
    said = [(field, names.shown(field, event.after)) for field in fields if event.after.get(field.column) is not False]
    values = [(field, value) for field, value in said if value]
    if what or event.label == "delete":
        line = " · ".join(value for _field, value in values)
        what = what or str(tracked._meta.verbose_name)
        return [Change(what, label, "", line, "") if event.label == "delete" else Change(what, label, "", "", line)]
    return [Change(what, label, _name_of(tracked, field), "", value) for field, value in values]


def _fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.name.startswith("pgh_") and field.name != "id"]


def _points_to(event: Event, field: models.Field, record: models.Model | None) -> bool:
    target = field.related_model
    return bool(target) and isinstance(record, target) and event.after.get(field.column) == record.pk


def _name_of(tracked: type[models.Model], field: models.Field) -> str | Promise:
    return tracked._meta.get_field(field.name).verbose_name


class Names:
    """What the events point to, in words that the reader may read."""

    def __init__(self, events: Iterable[Event], sources: list[Source], reader: Reader):
        people: set[int] = set()
        reasons: set[int] = set()
        keys: dict[type[models.Model], set] = defaultdict(set)
        for event in events:
            people.add(event.facts.get("user"))
            reasons.add(event.facts.get("reason_number"))
            for row in filter(None, (event.before, event.after)):
                for key in _fields(sources[event.source].events):
                    if key.related_model and row.get(key.column) is not None:
                        keys[key.related_model].add(row[key.column])
        people |= keys.pop(User, set())
        self.people = _people(people - {None}, reader)
        self.reasons = reasons_of(reasons - {None})
        self.names = {
            (model, row.pk): str(row)
            for model, pks in keys.items()
            for row in visible(model._base_manager.filter(pk__in=pks), reader.user)
        }

    def who(self, facts: dict) -> str:
        if facts.get("user"):
            return self.person(facts["user"])
        return " · ".join(filter(None, [said_by(facts), str(facts.get("file", ""))]))

    def why(self, facts: dict) -> str:
        """A reason of ours, or what was typed."""
        return facts.get("reason") or self.reasons.get(facts.get("reason_number", 0), "")

    def person(self, key: int) -> str:
        return self.people.get(key) or _("somebody whose account is gone")

    def shown(self, field: models.Field, row: dict) -> str:
        value = row.get(field.column)
        if value is None or value == "" or value == [] or value == {}:
            return ""
        if field.related_model is User:
            return self.person(value)
        if field.is_relation:
            return self.names.get((field.related_model, value), str(value))
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return _in_words(field.to_python(value))


def reasons_of(numbers: set[int]) -> dict[int, str]:
    return dict(HistoryReason.objects.filter(pk__in=numbers).values_list("pk", "text")) if numbers else {}


def said_by(facts: dict) -> str:
    """Which program, where no person acted."""
    if facts.get("source"):
        return str(facts["source"])
    if facts.get("database"):
        return _("somebody with access to the database (%(role)s)") % {"role": facts["database"]}
    return _("the portal itself")


def _in_words(value) -> str:
    match value:
        case bool():
            return _("yes") if value else _("no")
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case list():
            return ", ".join(map(str, value))
        case dict():
            return "; ".join(f"{key}: {text}" for key, text in value.items())
    return str(value)


def _people(keys: set[int], reader: Reader) -> dict[int, str]:
    """By name where the reader may know them; an officer is one to everybody, whoever it is."""
    if not keys:
        return {}
    known = EVERYONE if is_secretariat(reader.user) else reader.knows | Q(pk=reader.user.pk)
    officer = AllianceRole.objects.filter(user=OuterRef("pk"), role__in=[OFFICER, ADMINISTRATOR])
    rows = User.objects.filter(pk__in=keys).annotate(officer=Exists(officer))
    rows = rows.annotate(known=Exists(User.objects.filter(known, pk=OuterRef("pk"))))
    return {
        user.pk: str(user) if user.known else _("a programme officer") if user.officer else _("somebody else")
        for user in rows
    }
