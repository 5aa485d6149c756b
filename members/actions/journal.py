"""Keeps a record of every row that a merge touches, so that all of it can be taken back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from members.models import InstitutionMerge, MergeEntry

Act = MergeEntry.Act


class Journal:
    """Does what it is told, and writes it down."""

    def __init__(self, merge: InstitutionMerge):
        self.merge = merge
        self.entries: list[MergeEntry] = []

    def set(self, rows: models.QuerySet, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Of rows that all have the values `before`."""
        for key in rows.order_by("pk").values_list("pk", flat=True):
            self._note(rows.model, key, Act.SET, before, after)
        rows.update(**after)

    def drop(self, row: models.Model, twin: int | None = None) -> None:
        if twin:
            self._hand_over(row, twin)
        self._note(type(row), row.pk, Act.DROPPED, values_of(row), {})
        _delete(row)

    def drop_twin(self, row: models.Model, twin: int, plain: Iterable[str]) -> None:
        """What it says about people is not written down: if it comes back, it does so as a copy of its twin."""
        self._hand_over(row, twin)
        values = values_of(row)
        own = {name: value for name, value in values.items() if name in plain or name in _keys_of(row)}
        self._note(type(row), row.pk, Act.TWIN, own, {"twin": twin})
        _delete(row)

    def _hand_over(self, row: models.Model, twin: int) -> None:
        """What hangs on the row that goes hangs on the one that stays."""
        for relation in row._meta.related_objects:
            model, field = relation.related_model, relation.field
            if relation.many_to_many or hasattr(model, "pgh_tracked_model") or not model._meta.managed:
                continue
            rows = model._base_manager.filter(**{field.attname: row.pk})
            self.set(rows, {field.attname: row.pk}, {field.attname: twin})

    def made(self, row: models.Model) -> None:
        self._note(type(row), row.pk, Act.MADE, {}, {})

    def close(self) -> None:
        MergeEntry.objects.bulk_create(self.entries, batch_size=1000)

    def _note(self, model, key: int, act: str, before: Mapping, after: Mapping) -> None:
        entry = MergeEntry(
            merge=self.merge, model=model._meta.label_lower, key=key, act=act, before=dict(before), after=dict(after)
        )
        self.entries.append(entry)


def values_of(row: models.Model) -> dict[str, Any]:
    """As JSON keeps them; `_built` reads them again."""
    return {field.attname: _plain(field, row) for field in _stored(type(row))}


def _plain(field: models.Field, row: models.Model) -> Any:
    value = field.value_from_object(row)
    return value.name if isinstance(field, models.FileField) else value


def _stored(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.GeneratedField)]


def _keys_of(row: models.Model) -> set[str]:
    return {field.attname for field in _stored(type(row)) if field.is_relation}


def _delete(row: models.Model) -> None:
    """This row alone: what still refers to it must stop the merge, and nothing may go along with it."""
    type(row)._base_manager.filter(pk=row.pk)._raw_delete(DEFAULT_DB_ALIAS)


# --- Taking back


def take_back(merge: InstitutionMerge) -> list[str]:
    """Undoes the entries, the last one first. Answers with a sentence for each thing that could not be undone."""
    notes: list[str] = []
    for entries in _alike(reversed(merge.entries.order_by("pk"))):
        notes += _UNDO[Act(entries[0].act)](_model(entries[0]), entries)
    return notes


def _alike(entries: Iterable[MergeEntry]) -> Iterator[list[MergeEntry]]:
    """Runs of entries that one statement can undo."""
    run: list[MergeEntry] = []
    for entry in entries:
        if run and not _is_like(run[0], entry):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _is_like(one: MergeEntry, other: MergeEntry) -> bool:
    same = (one.model, one.act) == (other.model, other.act)
    return same and one.act == Act.SET and (one.before, one.after) == (other.before, other.after)


def _model(entry: MergeEntry) -> type[models.Model]:
    return apps.get_model(entry.model)


def _unset(model: type[models.Model], entries: list[MergeEntry]) -> list[str]:
    """Field by field, where it says still what the merge wrote; what somebody has written since stays."""
    before, after = entries[0].before, entries[0].after
    keys = [entry.key for entry in entries]
    held = {row.pk: row for row in model._base_manager.filter(pk__in=keys)}
    notes = [_removed(model, key) for key in keys if key not in held]
    back: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, row in held.items():
        values = values_of(row)
        same = [name for name in after if _json(values[name]) == _json(after[name])]
        notes += [_changed(model, row, name) for name in after if name not in same]
        back[tuple(same)].append(key)
    for names, found in back.items():
        values = {name: _read(model, name, before[name]) for name in names}
        if not names:
            continue
        try:
            with transaction.atomic():
                model._base_manager.filter(pk__in=found).update(**values)
        except IntegrityError:
            notes += [_clash(model, key) for key in found]
    return notes


def _restore(model: type[models.Model], entries: list[MergeEntry]) -> list[str]:
    (entry,) = entries
    return _insert(model, entry.key, {name: _read(model, name, value) for name, value in entry.before.items()})


def _restore_twin(model: type[models.Model], entries: list[MergeEntry]) -> list[str]:
    (entry,) = entries
    try:
        twin = model._base_manager.get(pk=entry.after["twin"])
    except ObjectDoesNotExist:
        return [_removed(model, entry.key)]
    values = {field.attname: field.value_from_object(twin) for field in _stored(model)}
    own = {name: _read(model, name, value) for name, value in entry.before.items()}
    return _insert(model, entry.key, values | own | {model._meta.pk.attname: entry.key})


def _insert(model: type[models.Model], key: int, values: Mapping[str, Any]) -> list[str]:
    if model._base_manager.filter(pk=key).exists():
        return [_clash(model, key)]
    try:
        with transaction.atomic():
            model(**values).save_base(raw=True, force_insert=True)
            _check_keys()
    except IntegrityError:
        return [_clash(model, key)]
    return []


def _check_keys() -> None:
    """Foreign keys are checked now, while it can still be told which row had none."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _unmake(model: type[models.Model], entries: list[MergeEntry]) -> list[str]:
    (entry,) = entries
    model._base_manager.filter(pk=entry.key).delete()
    return []


_UNDO = {Act.SET: _unset, Act.DROPPED: _restore, Act.TWIN: _restore_twin, Act.MADE: _unmake}


def _read(model: type[models.Model], name: str, value: Any) -> Any:
    field = next(field for field in _stored(model) if field.attname == name)
    return field.to_python(value) if not field.is_relation else value


def _json(value: Any) -> str:
    return str(value) if not isinstance(value, list | dict) else repr(value)


# --- Sentences


def _removed(model: type[models.Model], key: int) -> str:
    return _("%(what)s %(key)d was removed since, and stays so.") % {"what": _name(model), "key": key}


def _changed(model: type[models.Model], row: models.Model, name: str) -> str:
    field = next(field for field in _stored(model) if field.attname == name)
    return _("%(what)s %(key)d: “%(field)s” was changed since, and stays as it is.") % {
        "what": _name(model),
        "key": row.pk,
        "field": field.verbose_name,
    }


def _clash(model: type[models.Model], key: int) -> str:
    return _("%(what)s %(key)d cannot come back: what it belongs to is gone, or something stands in its place.") % {
        "what": _name(model),
        "key": key,
    }


def _name(model: type[models.Model]) -> str:
    name = str(model._meta.verbose_name)
    return name[:1].upper() + name[1:]
