"""The names of an institution, and the columns that follow from them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction

from members.models import Institution, InstitutionIdentifier, InstitutionName
from members.models.institution import fold_names
from toolkit import rows
from toolkit.names import sort_key

ACRONYM_LENGTH = 100
LOOK_ALIKES_SHOWN = 5

Name = InstitutionName.Kind


class NameColumns(NamedTuple):
    """The columns of an institution that follow from its names."""

    name: str
    acronym: str
    sort_key: str
    names_folded: str


def columns_of_names(
    *, names: Sequence[tuple[str, str]], ror: str | None, further: Iterable[str] = (), otherwise: str = ""
) -> NameColumns:
    """From (kind, value) pairs, ours before those of ROR, each in the order of their keys.

    `further` are the ROR ids of records taken up in this one; `otherwise` is the name where none is the display one.
    """
    display = next((value for kind, value in names if kind == Name.DISPLAY), otherwise)
    acronyms = (value for kind, value in names if kind == Name.ACRONYM)
    acronym = next((value for value in acronyms if len(value) <= ACRONYM_LENGTH), "")
    folded = fold_names([display, *(value for _, value in names)], ror, *further)
    return NameColumns(display, acronym, sort_key(display), folded)


def keep_names(*, institutions: Iterable[Institution]) -> None:
    """Write the columns that follow from the names (name, acronym, sort key, folded text), for rows already saved.

    Every path that writes an InstitutionName calls this afterwards; the ROR import asks `columns_of_names` itself.
    """
    institutions = list(institutions)
    names = defaultdict(list)
    rows = InstitutionName.objects.filter(institution__in=institutions).order_by("origin", "pk")
    for key, kind, value in rows.values_list("institution", "kind", "value"):
        names[key].append((kind, value))
    further = further_rors_of(institutions)
    for institution in institutions:
        columns = columns_of_names(
            names=names[institution.pk],
            ror=institution.ror,
            further=further[institution.pk],
            otherwise=institution.name,
        )
        for column, value in columns._asdict().items():
            setattr(institution, column, value)
    Institution.objects.bulk_update(institutions, NameColumns._fields, batch_size=500)


def further_rors_of(institutions: Iterable[Institution]) -> dict[int, list[str]]:
    """By the number of the institution, in the order in which they came."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = InstitutionIdentifier.objects.filter(
        institution__in=institutions, scheme=InstitutionIdentifier.Scheme.ROR
    ).order_by("pk")
    for key, value in rows.values_list("institution", "value"):
        found[key].append(value)
    return found


@transaction.atomic
def name_institution(*, institution: Institution, name: str, acronym: str = "") -> None:
    """Give it a display name and an acronym of our own, which win over those of ROR; `keep_names` comes after it.

    The display name that it had stays as one of its names. Without an acronym, ROR's is shown.
    """
    names = InstitutionName.objects.filter(institution=institution)
    display = names.filter(kind=Name.DISPLAY).first()
    if display is None or display.value != name:
        if display:
            retire_display_name(display)
        InstitutionName.objects.create(institution=institution, value=name, kind=Name.DISPLAY)
    shown = names.filter(kind=Name.ACRONYM).order_by("origin", "pk").values_list("value", flat=True).first() or ""
    if acronym != shown:
        names.filter(kind=Name.ACRONYM, origin=InstitutionName.Origin.PORTAL).delete()
        if acronym:
            InstitutionName.objects.create(institution=institution, value=acronym, kind=Name.ACRONYM)


def new_slug(institution: Institution) -> str:
    """As of every record, but a name without Latin form takes the ROR id first, and old addresses stay taken."""
    return rows.new_slug(
        institution,
        institution.name,
        institution.country_id or "",
        fallback=institution.ror or "",
        taken=Institution.objects.has_address,
    )


def add_institution(made: Institution, *, language: str = "") -> Institution:
    """Puts a new record with its names into the registry, without asking who may: those who call this have."""
    made.slug = new_slug(made)
    made.full_clean()
    made.save(force_insert=True)
    names = [(made.name, language, Name.DISPLAY), (made.acronym, "", Name.ACRONYM)]
    InstitutionName.objects.bulk_create(
        InstitutionName(institution=made, value=value, language=spoken, kind=kind)
        for value, spoken, kind in names
        if value
    )
    keep_names(institutions=[made])
    return made


def look_alikes_of(names: Iterable[str], *, of: Institution | None = None) -> list[Institution]:
    """Other institutions that somebody may take for the one with these names; the first few, for a warning."""
    alike = Institution.objects.look_alikes(*names).select_related("country")
    return list((alike.exclude(pk=of.pk) if of and of.pk else alike)[:LOOK_ALIKES_SHOWN])


def retire_display_name(display: InstitutionName) -> None:
    """It becomes a name beside others, unless it is that already."""
    others = InstitutionName.objects.filter(institution=display.institution, kind=Name.LABEL)
    if others.filter(value=display.value, language=display.language).exists():
        display.delete()
    else:
        display.kind = Name.LABEL
        display.save(update_fields=["kind"])
