"""Which institution a project record means by a name."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from members.models import Institution, InstitutionName
from toolkit.names import fold


class Matcher:
    """Answers only where it is certain: the whole name, blind to case and accents, in the same country, of exactly one
    of the institutions.

    Two names of the institution may stand side by side ("… -UNESCO"), and its town in brackets after them. A department is
    not its university, and an acronym alone is not enough.
    """

    def __init__(self, institutions: Collection[Institution]):
        meant: dict[tuple[str, str], set[int]] = defaultdict(set)
        rows = {institution.pk: institution for institution in institutions}
        for key, form in _forms(rows):
            meant[fold(form), rows[key].country_id or ""].add(key)
        self._certain = {name: rows[min(keys)] for name, keys in meant.items() if len(keys) == 1}

    def match(self, name: str, country: str) -> Institution | None:
        if not country:
            return None
        return self._certain.get((fold(name), country)) or self._certain.get((fold(without_town(name)), country))


def _forms(keys: Collection[int]) -> Iterator[tuple[int, str]]:
    names: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, kind, value in InstitutionName.objects.filter(institution__in=keys).values_list(
        "institution", "kind", "value"
    ):
        names[key].append((kind, value))
    for key, own in names.items():
        for kind, value in own:
            if kind != InstitutionName.Kind.ACRONYM:
                yield key, value
                for _kind, other in own:
                    yield key, f"{value} {other}"
                    yield key, f"{other} {value}"


def without_town(name: str) -> str:
    """One register writes "University of Antananarivo (Antananarivo)"."""
    return re.sub(r"\s*\([^()]*\)\s*$", "", name)
