"""Named lists of countries that rules refer to, each entry with the days between which it holds.

`least_developed`: the list of the Committee for Development Policy, as resolved by the General Assembly of the United
Nations. The last day of those that leave is that of the resolution (A/RES/76/8 for Bangladesh, Lao PDR and Nepal).
"""

import csv
import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

NAMES = {"least_developed": _("the least developed countries"), "mainland_china": _("mainland China")}


def country_lists(day: datetime.date) -> Mapping[str, frozenset[str]]:
    """The codes on each list on that day."""
    on_day: dict[str, set[str]] = {name: set() for name in NAMES}
    for name, country, begun, ended in _entries():
        if (begun is None or begun <= day) and (ended is None or day < ended):
            on_day[name].add(country)
    return {name: frozenset(codes) for name, codes in on_day.items()}


@cache
def _entries() -> tuple[tuple[str, str, datetime.date | None, datetime.date | None], ...]:
    with (Path(__file__).parent / "data" / "country_lists.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["list"], row["country"], _date(row["from"]), _date(row["until"])) for row in csv.DictReader(file)
        )


def _date(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
