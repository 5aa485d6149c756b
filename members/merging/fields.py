"""What stands in the two records themselves: where they differ, an officer chooses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Institution
from vocabularies.countries import country_name

KEPT, GONE = "kept", "gone"


@dataclass(frozen=True)
class Group:
    """Columns that are chosen together: a place is a country, a town and a point."""

    name: str
    label: str | Promise
    columns: tuple[str, ...]
    show: Callable[[Institution], str]


@dataclass(frozen=True)
class FieldChoice:
    name: str
    label: str
    kept_text: str
    gone_text: str
    default: str


def _column(name: str, label: str | Promise) -> Group:
    return Group(name, label, (name,), lambda institution: str(getattr(institution, name) or ""))


def _choice(name: str, label: str | Promise) -> Group:
    return Group(name, label, (name,), lambda institution: str(getattr(institution, f"get_{name}_display")()))


def _place(institution: Institution) -> str:
    point = [institution.latitude, institution.longitude] if institution.latitude is not None else []
    return ", ".join(
        str(part) for part in [institution.city, country_name(institution.country_id or ""), *point] if part
    )


def _links(institution: Institution) -> str:
    return ", ".join(str(link.get("url", "")) for link in institution.links)


def _translations(institution: Institution) -> str:
    return "; ".join(f"{language}: {text}" for language, text in sorted(institution.translations.items()))


GROUPS: dict[str, Group] = {
    group.name: group
    for group in [
        _column("name", _("Name")),
        _column("acronym", _("Acronym")),
        _choice("kind", _("Kind")),
        _choice("scope", _("Scope")),
        _choice("record_status", _("State of the record")),
        Group("place", _("Place"), ("country", "city", "latitude", "longitude"), _place),
        _column("website", _("Website")),
        Group("links", _("Further links"), ("links",), _links),
        _column("established", _("Established in")),
        _column("description", _("Description")),
        Group("translations", _("Description in other languages"), ("translations",), _translations),
        Group("logo", _("Logo"), ("logo",), lambda institution: institution.logo.name or ""),
        Group("ror", _("ROR id"), ("ror", "ror_types", "ror_digest"), lambda institution: institution.ror or ""),
    ]
}
# Of the record that stays: its address and number, where its facts are from, and what follows from its names.
STAYING = {
    "id",
    "slug",
    "source",
    "source_urls",
    "source_seen_on",
    "own_facts",
    "sort_key",
    "names_folded",
    "website_key",
}


def choices_of(kept: Institution, gone: Institution) -> list[FieldChoice]:
    """Where both say something, and something else, or only the one that goes does."""
    found = []
    for group in GROUPS.values():
        ours, theirs = group.show(kept), group.show(gone)
        if theirs and ours != theirs:
            found.append(FieldChoice(group.name, str(group.label), ours, theirs, KEPT if ours else GONE))
    return found


def values_of(group: Group, institution: Institution) -> dict[str, Any]:
    fields = (field for field in institution._meta.concrete_fields if field.name in group.columns)
    return {field.attname: getattr(institution, field.attname) for field in fields}


def unknown_columns() -> list[str]:
    """Of the record, that no group knows: they would be lost in silence."""
    known = STAYING.union(*(group.columns for group in GROUPS.values()))
    return sorted({field.name for field in Institution._meta.concrete_fields} - known)
