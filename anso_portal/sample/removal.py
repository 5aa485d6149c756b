"""Takes the sample alliance out, except what real records depend on."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pghistory
from django.apps import apps
from django.db import connection, models, transaction

from accounts.models import User
from anso_portal.context import forget_branding
from anso_portal.models import SampleRecord
from anso_portal.sample.ledger import LOCK, Say
from anso_portal.sample.people import logins_file
from members.actions.roles import let_focal_point_go
from members.models import Institution, InstitutionRelation, Membership
from notifications.models import Delivery, Event, Follow
from toolkit.history import context
from workflow.models import Step

Rows = dict[type[models.Model], set[int]]

# A decision stands for itself, though it is deleted with its institution.
STANDALONE = (Membership,)
# What was said and done about a record is no reason to keep it, and neither is an account: its password is in a file.
NO_REASON = {
    "account",
    "admin",
    "anso_portal",
    "auth",
    "contenttypes",
    "mfa",
    "notifications",
    "pghistory",
    "sessions",
    "socialaccount",
    "usersessions",
    "workflow",
}


class Kept(NamedTuple):
    row: models.Model
    because: models.Model


@transaction.atomic
def remove(say: Say) -> list[Kept]:
    """What had to stay, each with one record that needs it. From then on it is an ordinary record."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    going = _noted()
    if not going:
        say("There is no sample here.")
        return []
    let_focal_point_go()  # An institution that stays may have had one of the sample's people.
    with context(source="remove_sample"):
        kept = _keep(going)
        _forget_what_was_told(going)
        removed = _delete(going)
    SampleRecord.objects.all().delete()
    transaction.on_commit(forget_branding)
    transaction.on_commit(lambda: logins_file().unlink(missing_ok=True))
    for row, because in kept:
        say(f"Kept: {_named(row)}, because {_named(because)} needs it.")
    say(f"{removed} records of the sample were removed, {len(kept)} were kept.")
    if Institution.objects.exclude(ror=None).exists():
        say("If you imported ROR beside the sample, import it again: records that came with the sample went with it.")
    return kept


def _noted() -> Rows:
    """In the order in which they were made; without those that somebody deleted since."""
    rows: Rows = {}
    for label, key in SampleRecord.objects.order_by("position").values_list("label", "key"):
        rows.setdefault(apps.get_model(label), set()).add(int(key))
    return {
        model: set(model._base_manager.filter(pk__in=keys).values_list("pk", flat=True)) for model, keys in rows.items()
    }


# --- What has to stay


def _keep(going: Rows) -> list[Kept]:
    """Takes the rows that stay out of `going`. What stays needs other rows in turn, so it goes on until nothing changes."""
    sample = {model: set(keys) for model, keys in going.items()}
    kept: dict[tuple[type[models.Model], int], Kept] = {}
    found = True
    while found:
        found = False
        for model in going:
            for key, because in _needed(model, going, sample):
                if key in going[model]:
                    going[model].remove(key)
                    kept[model, key] = Kept(model._base_manager.get(pk=key), because)
                    found = True
    return list(kept.values())


def _needed(model: type[models.Model], going: Rows, sample: Rows) -> Iterator[tuple[int, models.Model]]:
    """Rows of the model that something needs which does not go."""
    if model is User:
        return
    for field in _references(model):
        referring, owner = field.model, _owner(field.model)
        if owner is field:
            continue
        whole = owner.related_model if owner else referring
        column = owner.attname if owner else "pk"
        # That a child of a real record is its parent keeps an institution; that a kept one is related to it does not.
        leaving = sample if referring is InstitutionRelation else going
        rows = referring._base_manager.filter(**{f"{field.name}__in": going[model]})
        needed: dict[int, int] = {}
        for key, whole_key in rows.values_list(field.attname, column):
            if key not in needed and whole_key not in leaving.get(whole, ()):
                needed[key] = whole_key
        for key, whole_key in needed.items():
            yield key, whole._base_manager.get(pk=whole_key)


def _references(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """The fields by which records refer to one of this model, those of many-to-many tables among them."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            referring = relation.field.model
            is_history = issubclass(referring, pghistory.models.Event)
            if referring._meta.managed and referring._meta.app_label not in NO_REASON and not is_history:
                yield relation.field


def _owner(model: type[models.Model]) -> models.ForeignKey | None:
    """The field that names the record of which a row is a part: the first one that would delete it along."""
    if model in STANDALONE:
        return None
    for field in model._meta.fields:
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE:
            return field
    return None


# --- Taking out


def _forget_what_was_told(going: Rows) -> None:
    """Events and steps name their records by label and number, follows by topic; nothing deletes them along."""
    for model, keys in going.items():
        label, numbers = model._meta.label_lower, [str(key) for key in keys]
        events = Event.objects.filter(subject_label=label, subject_id__in=numbers)
        told = set(Delivery.objects.filter(notifications__event__in=events).values_list("pk", flat=True))
        events.delete()
        Delivery.objects.filter(pk__in=told, notifications=None).delete()
        Step.objects.filter(object_label=label, object_id__in=numbers).delete()
        Follow.objects.filter(topic__in=[f"{model._meta.model_name}:{number}" for number in numbers]).delete()
    emails = User.objects.filter(pk__in=going.get(User, ())).values_list("email", flat=True)
    Delivery.objects.filter(subscriber=None, address__in=list(emails)).delete()


def _delete(going: Rows) -> int:
    removed = 0
    for model in reversed(_order()):
        keys = going.get(model, set())
        model._base_manager.filter(pk__in=keys).delete()
        removed += len(keys)
    return removed


def _order() -> list[type[models.Model]]:
    """The models in the order in which the loading came to them for the last time."""
    last: dict[str, int] = defaultdict(int)
    for label, position in SampleRecord.objects.values_list("label", "position"):
        last[label] = max(last[label], position)
    return [apps.get_model(label) for label in sorted(last, key=last.__getitem__)]


def _named(row: models.Model) -> str:
    return f"{row._meta.verbose_name} “{row}”"
