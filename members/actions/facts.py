"""What the people of an institution may propose to change: each fact read and written as a plain value.

Values are what JSON keeps, in one normal form, so that two that mean the same are the same.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.actions.names import keep_names
from members.models import Institution, InstitutionContact, InstitutionName
from vocabularies.models import Theme

KINDS = list(InstitutionName.Kind.values)
OF_ROR = {"place", "website"}  # an import of ROR writes these, unless the institution has stated them itself


@dataclass(frozen=True)
class Fact:
    name: str
    label: str | Promise
    read: Callable[[Institution], Any]
    write: Callable[[Institution, Any], None]


def locked(institution: Institution) -> Institution:
    """The row as it is now, held until the end of the transaction: whoever changes the record next waits.

    The lock on the table comes first, because an import of ROR takes its own before it touches rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_institution IN ROW EXCLUSIVE MODE")
    return Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)


def digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def goes_live_at_once(field: str) -> bool:
    return field in settings.MODERATED_LATER


# --- Names


def in_order(names: Iterable[dict]) -> list[dict]:
    return sorted(names, key=lambda name: (KINDS.index(name["kind"]), name["language"], name["value"]))


def read_names(institution: Institution) -> list[dict]:
    return in_order(dict(row) for row in institution.names.order_by().values("value", "language", "kind"))


def write_names(institution: Institution, value: list[dict]) -> None:
    """Rows that stay as they were keep their origin; what is new is ours, and an import of ROR leaves it alone."""
    wanted = {(name["value"], name["language"], name["kind"]) for name in value}
    held = {(name.value, name.language, name.kind): name.pk for name in institution.names.all()}
    institution.names.filter(pk__in=[pk for key, pk in held.items() if key not in wanted]).delete()
    InstitutionName.objects.bulk_create(
        InstitutionName(institution=institution, value=name, language=language, kind=kind)
        for name, language, kind in sorted(wanted - held.keys(), key=lambda key: KINDS.index(key[2]))
    )
    keep_names(institutions=[institution])


# --- What stands in the record itself


def _column(name: str) -> tuple[Callable, Callable]:
    def read(institution: Institution) -> Any:
        return getattr(institution, name)

    def write(institution: Institution, value: Any) -> None:
        setattr(institution, name, value)
        institution.save(update_fields=[name])

    return read, write


def coordinate(value: Decimal | None) -> str | None:
    """As the database keeps it, so that 35 and 35.00000 are one."""
    return None if value is None else str(Decimal(value).quantize(Decimal("0.00001")) + 0)  # no “-0.00000”


def read_place(institution: Institution) -> dict:
    return {
        "country": institution.country_id or "",
        "city": institution.city,
        "latitude": coordinate(institution.latitude),
        "longitude": coordinate(institution.longitude),
    }


def write_place(institution: Institution, value: dict) -> None:
    institution.country_id = value["country"] or None
    institution.city = value["city"]
    institution.latitude = value["latitude"] and Decimal(value["latitude"])
    institution.longitude = value["longitude"] and Decimal(value["longitude"])
    institution.save(update_fields=["country", "city", "latitude", "longitude"])


def read_logo(institution: Institution) -> str:
    return institution.logo.name or ""


def write_logo(institution: Institution, value: str) -> None:
    institution.logo = value
    institution.save(update_fields=["logo"])


# --- What hangs on the record


def read_themes(institution: Institution) -> list[str]:
    return sorted(institution.themes.order_by().values_list("slug", flat=True))


def write_themes(institution: Institution, value: list[str]) -> None:
    """A theme that has gone since it was chosen is left out."""
    institution.themes.set(Theme.objects.filter(slug__in=value))


def read_contacts(institution: Institution) -> list[dict]:
    rows = institution.contacts.order_by("position", "pk")
    return [dict(row) for row in rows.values("kind", "label", "value", "is_public")]


def write_contacts(institution: Institution, value: list[dict]) -> None:
    institution.contacts.all().delete()
    InstitutionContact.objects.bulk_create(
        InstitutionContact(institution=institution, position=position, **contact)
        for position, contact in enumerate(value)
    )


FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in [
        Fact("names", _("Names"), read_names, write_names),
        Fact("description", _("Description"), *_column("description")),
        Fact("translations", _("Description in other languages"), *_column("translations")),
        Fact("place", _("Place"), read_place, write_place),
        Fact("website", _("Website"), *_column("website")),
        Fact("links", _("Further links"), *_column("links")),
        Fact("themes", _("Themes"), read_themes, write_themes),
        Fact("logo", _("Logo"), read_logo, write_logo),
        Fact("contacts", _("Contacts"), read_contacts, write_contacts),
    ]
}


def write_fact(institution: Institution, field: str, value: Any, *, own: bool = True) -> None:
    """`own`: the institution says so itself, so an import of ROR leaves it alone from now on."""
    FACTS[field].write(institution, value)
    facts = set(institution.own_facts) - {field} | ({field} if own else set())
    if field in OF_ROR and facts != set(institution.own_facts):
        institution.own_facts = sorted(facts)
        institution.save(update_fields=["own_facts"])
