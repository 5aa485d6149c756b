"""What happened to a record and its parts, from the events that the database wrote: who, when, before and after.

Models with personal fields keep no events; their history names the fields that changed, never what stood in them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User

WINDOW = 200  # The newest events of each kind that a page looks at.
LABELS = {"insert": _("added"), "update": _("changed"), "delete": _("removed")}


@dataclass
class Change:
    field: str | Promise
    before: str
    after: str


@dataclass
class Entry:
    at: datetime
    who: str | Promise
    what: str
    label: str | Promise
    changes: list[Change]


def event_model(model: type[models.Model]) -> type[models.Model] | None:
    tracked = set(getattr(model, "pgh_event_models", {}).values())
    return tracked.pop() if len(tracked) == 1 else None


def history_of(record: models.Model, parts: Iterable[tuple[type[models.Model], str]] = ()) -> list[Entry]:
    """Newest first. `parts` are models with the name of their key to the record; those without events are left out."""
    events = _events(type(record), {"pgh_obj_id": record.pk})
    for model, key in parts:
        events += _events(model, {f"{key}_id": record.pk})
    people = _people(events)
    names = _related_names(events)
    entries = []
    for earlier, event in _with_earlier(events):
        changes = [change for change in _changes(earlier, event, names, record) if change.before != change.after]
        if changes or event.pgh_label != "update":
            entries.append(
                Entry(
                    event.pgh_created_at,
                    _who(event, people),
                    _what(event, record),
                    LABELS.get(event.pgh_label, ""),
                    changes,
                )
            )
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


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


def _changes(earlier, event, names: dict, record: models.Model):
    """None where the event before is not known any more; that a part belongs to the record goes without saying."""
    if event.pgh_label == "update" and earlier is None:
        return
    tracked = event.pgh_tracked_model
    for field in _fields(event):
        if (
            field.related_model
            and isinstance(record, field.related_model)
            and getattr(event, field.attname) == record.pk
        ):
            continue
        before = "" if earlier is None else _shown(earlier, field, names)
        after = "" if event.pgh_label == "delete" else _shown(event, field, names)
        yield Change(tracked._meta.get_field(field.name).verbose_name, before, after)


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
            return date_format(value, "DATETIME_FORMAT")
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
