"""The relations to institutions, walked from the models, and what was declared for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from members.models import Institution


class Key(NamedTuple):
    """A field that names an institution, as in members.institutionrole and institution."""

    model: str
    field: str

    def __str__(self) -> str:
        return f"{self.model}.{self.field}"


@dataclass(frozen=True)
class Keep:
    """Rows stay as they are, and this is why that is right: they tell what was, or find their way by the redirect."""

    why: str


@dataclass(frozen=True)
class Move:
    """Rows go to the record that stays. Of two that the model's constraints allow only once, one is dropped.

    `label` names the rows, `example` is the look-up of the text that shows one. `better`: rows that stay in spite of coming
    from the record that goes. `same`: fields by which two rows are one although no constraint says so.
    `refuse`: rows for which the merge must wait, with the sentence; `refuse_doubles` is one for doubles.
    `personal`: the rows say things about people, so an entry holds only the fields named in `plain`, and a double comes
    back as a copy of its twin.
    """

    label: str | Promise
    example: str = "pk"
    better: Q | None = None
    same: tuple[str, ...] = ()
    refuse: Q | None = None
    refusal: str | Promise = ""
    refuse_doubles: str | Promise = ""
    personal: bool = False
    plain: tuple[str, ...] = ()
    text: bool = False  # a text that names the institution, such as a topic
    follow: tuple[str, ...] = ()  # with a text: fields that show the name and the address


@dataclass(frozen=True)
class ByHand:
    """Rows with rules of their own, which `members.merging` knows."""

    label: str | Promise


Rule = Keep | Move | ByHand

_rules: dict[Key, Rule] = {}


def declare(model: str, field: str, rule: Rule) -> None:
    key = Key(model.lower(), field)
    if _rules.setdefault(key, rule) != rule:
        raise ImproperlyConfigured(f"{key} is declared twice for merges.")


def declared() -> dict[Key, Rule]:
    return dict(_rules)


def undeclared(registry=apps) -> list[Key]:
    return [key for key in relations(registry) if key not in _rules]


def model_of(key: Key, registry=apps) -> type[models.Model]:
    return registry.get_model(key.model)


def relations(registry=apps) -> list[Key]:
    """Keys to institutions in any model, those between two models included, and texts that may name one.

    Rows of history tell what was, and views of the database follow by themselves.
    """
    found = []
    for model in registry.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy or hasattr(model, "pgh_tracked_model"):
            continue
        names = [*_keys(model), *_texts(model)]
        found += [Key(model._meta.label_lower, name) for name in dict.fromkeys(names)]
    return sorted(found)


def _keys(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.local_fields:
        if field.is_relation and field.related_model and issubclass(field.related_model, Institution):
            yield field.name


def _texts(model: type[models.Model]) -> Iterator[str]:
    """Topics, and pairs that name any record: a label or type of content beside a number kept as text."""
    names = {field.name for field in model._meta.local_fields}
    for name in names:
        if name in ("topic", "topics"):
            yield name
        base, _line, word = name.rpartition("_")
        if base and word == "label" and f"{base}_id" in names:
            yield f"{base}_id"
        if name == "content_type" and "object_id" in names:
            yield "object_id"
    if {"label", "key"} <= names:
        yield "key"
    for field in model._meta.private_fields:
        if isinstance(field, GenericForeignKey):
            yield field.fk_field
