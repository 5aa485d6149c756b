"""What happened to a record and its parts, from the events that the database wrote: who, when, before and after.

Models with personal fields keep no events; their history names the fields that changed, never what stood in them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

WINDOW = 200  # The newest events of each kind that a page looks at.
LABELS = {"insert": _("added"), "update": _("changed"), "delete": _("removed")}


@dataclass
class Change:
    """One field from one value to another, or a part that came or went, in one line. `what` is empty for the record itself."""

    what: str
    label: str | Promise
    field: str | Promise
    before: str
    after: str


@dataclass
class Entry:
    """What one person or program did at one time."""

    at: datetime
    who: str | Promise
    changes: list[Change]


def event_model(model: type[models.Model]) -> type[models.Model] | None:
    tracked = set(getattr(model, "pgh_event_models", {}).values())
    return tracked.pop() if len(tracked) == 1 else None


def history_of(record: models.Model, parts: Iterable[tuple[type[models.Model], str]] = ()) -> list[Entry]:
    """Newest first. `parts` are models with the name of their key to the record; those without events are left out."""
    events = _events(type(record), {"pgh_obj_id": record.pk})
    for model, key in parts:
        events += _events(model, {f"{key}_id": record.pk})
    people, names = _people(events), _related_names(events)
    entries: dict[tuple, Entry] = {}
    for earlier, event in _with_earlier(events):
        who = _who(event, people)
        entry = entries.setdefault((event.pgh_created_at, str(who)), Entry(event.pgh_created_at, who, []))
        entry.changes += _changes(earlier, event, names, record)
    found = (entry for entry in entries.values() if entry.changes)
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def _events(model, lookup: dict) -> list:
    events = event_model(model)
    if events is None:
        return []
    rows = events._base_manager.filter(**lookup).select_related("pgh_context").order_by("-pgh_id")[:WINDOW]
    return list(rows)[::-1]


def _with_earlier(events: list):
    """Each event with the one before it of the same row."""
    rows = defaultdict(list)
    for event in events:
        rows[type(event), event.pgh_obj_id].append(event)
    for same in rows.values():
        yield from pairwise([None, *same])


def _fields(event) -> list[models.Field]:
    return [field for field in event._meta.concrete_fields if not field.name.startswith("pgh_") and field.name != "id"]


def _changes(earlier, event, names: dict, record: models.Model) -> list[Change]:
    """None where the event before is not known any more; that a part belongs to the record goes without saying."""
    what, label = _what(event, record), LABELS.get(event.pgh_label, "")
    fields = [field for field in _fields(event) if not _points_to(event, field, record)]
    if event.pgh_label == "update":
        shown = [(field, _shown(earlier, field, names), _shown(event, field, names)) for field in fields if earlier]
        return [
            Change(what, label, _name_of(event, field), before, after)
            for field, before, after in shown
            if before != after
        ]
    said = [field for field in fields if getattr(event, field.attname) is not False]
    values = [(field, value) for field in said if (value := _shown(event, field, names))]
    if what:
        line = " · ".join(value for _field, value in values)
        return [Change(what, label, "", line, "") if event.pgh_label == "delete" else Change(what, label, "", "", line)]
    return [Change(what, label, _name_of(event, field), "", value) for field, value in values]


def _points_to(event, field: models.Field, record: models.Model) -> bool:
    model = field.related_model
    return bool(model) and isinstance(record, model) and getattr(event, field.attname) == record.pk


def _name_of(event, field: models.Field) -> str | Promise:
    return event.pgh_tracked_model._meta.get_field(field.name).verbose_name


def _shown(event, field: models.Field, names: dict) -> str:
    value = getattr(event, field.attname)
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if field.is_relation:
        return names.get((field.related_model, value), f"{value}")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case bool():
            return str(_("yes") if value else _("no"))
        case datetime():
            return date_format(timezone.localtime(value), "DATETIME_FORMAT")
        case list():
            return ", ".join(map(str, value))
        case dict():
            return "; ".join(f"{key}: {text}" for key, text in value.items())
    return str(value)


def _related_names(events: list) -> dict[tuple, str]:
    """The names of what the events point to, with one query per model."""
    keys: dict[type[models.Model], set] = defaultdict(set)
    for event in events:
        for field in _fields(event):
            if field.related_model and (key := getattr(event, field.attname)) is not None:
                keys[field.related_model].add(key)
    return {(model, row.pk): str(row) for model, pks in keys.items() for row in model._base_manager.filter(pk__in=pks)}


def _metadata(event) -> dict:
    return (event.pgh_context.metadata if event.pgh_context_id and event.pgh_context else None) or {}


def _people(events: list) -> dict[int, str]:
    keys = {_metadata(event).get("user") for event in events} - {None}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=keys)}


def _who(event, people: dict[int, str]) -> str | Promise:
    told = _metadata(event)
    if told.get("user"):
        return people.get(told["user"], _("somebody whose account is gone"))
    if told.get("source"):
        return " · ".join(filter(None, [str(told["source"]), str(told.get("file", ""))]))
    return _("the portal itself")


def _what(event, record: models.Model) -> str:
    """Empty for the record itself; a part by the name of its kind."""
    tracked = event.pgh_tracked_model
    return "" if isinstance(record, tracked) else str(tracked._meta.verbose_name)
