"""What changes several rows of the registry together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from members.models import Institution, InstitutionName
from members.models.institution import fold_names
from toolkit.names import sort_key

ACRONYM_LENGTH = 100


class NameColumns(NamedTuple):
    """The columns of an institution that follow from its names."""

    name: str
    acronym: str
    sort_key: str
    names_folded: str


def columns_of_names(*, names: Sequence[tuple[str, str]], ror: str | None, otherwise: str = "") -> NameColumns:
    """From (kind, value) pairs in the order of their keys; `otherwise` is the name where none is the display one."""
    display = next((value for kind, value in names if kind == InstitutionName.Kind.DISPLAY), otherwise)
    acronyms = (value for kind, value in names if kind == InstitutionName.Kind.ACRONYM)
    acronym = next((value for value in acronyms if len(value) <= ACRONYM_LENGTH), "")
    return NameColumns(display, acronym, sort_key(display), fold_names([display, *(value for _, value in names)], ror))


def keep_names(*, institutions: Iterable[Institution]) -> None:
    """Write the columns that follow from the names (name, acronym, sort key, folded text), for rows already saved.

    Every path that writes an InstitutionName calls this afterwards; the ROR import asks `columns_of_names` itself.
    """
    institutions = list(institutions)
    names = defaultdict(list)
    for key, kind, value in (
        InstitutionName.objects.filter(institution__in=institutions)
        .order_by("pk")
        .values_list("institution", "kind", "value")
    ):
        names[key].append((kind, value))
    for institution in institutions:
        columns = columns_of_names(names=names[institution.pk], ror=institution.ror, otherwise=institution.name)
        for column, value in columns._asdict().items():
            setattr(institution, column, value)
    Institution.objects.bulk_update(institutions, NameColumns._fields, batch_size=500)
