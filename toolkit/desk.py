"""What waits for somebody. Each app's `desk.py` tells it in these words, and the page at `/desk/` only joins them.

A `desk.py` may hold `items(user)` (what needs this person), `mine(user)` (what this person has asked for) and
`places(user)` (pages of work). Each costs the same number of statements for one row and for many.
"""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Value, Window
from django.utils.translation import ngettext

MOST = 10  # of one kind; the rest stands in one line that leads to all of them


class Item(NamedTuple):
    """Something to do. `kind` says in a word or two what it is, `title` what it is about."""

    since: datetime.datetime
    kind: str
    title: str
    url: str


class Request(NamedTuple):
    """What somebody has asked for, and where it stands, in words; `next_step` says who acts next."""

    changed_at: datetime.datetime
    kind: str
    title: str
    url: str
    state: str
    next_step: str = ""


class Place(NamedTuple):
    """A page of work that this person may open."""

    label: str
    url: str


class Kind(NamedTuple):
    """Rows that wait, oldest first; what each of them asks for; and the page with all of them."""

    rows: QuerySet
    item: Callable[[Any], Item]
    url: str


def oldest(rows: QuerySet, item: Callable[[Any], Item], *, url: str) -> list[Item]:
    """Items of the first rows, and one for the rest that leads to `url`: one statement. The rows may not be `distinct()`."""
    return oldest_of(Kind(rows, item, url))


def oldest_of(*kinds: Kind) -> list[Item]:
    """The same for kinds whose rows are of one model and read with the same columns: one statement for all of them.

    Few things wait, so they are counted as they are read: a second query for the number would take longer to write than to answer.
    """
    parts = [
        kind.rows.annotate(total_rows=Window(Count("*")), kind_number=Value(number))[:MOST]
        for number, kind in enumerate(kinds)
    ]
    found: list[list[Any]] = [[] for _kind in kinds]
    for row in parts[0].union(*parts[1:], all=True):
        found[row.kind_number].append(row)
    return [item for kind, rows in zip(kinds, found, strict=True) if rows for item in _told(kind, rows)]


def _told(kind: Kind, rows: list[Any]) -> list[Item]:
    items = sorted((kind.item(row) for row in rows), key=lambda item: item.since)
    rest = rows[0].total_rows - len(rows)
    if rest > 0:
        title = ngettext("and %(count)d more", "and %(count)d more", rest) % {"count": rest}
        items.append(items[-1]._replace(title=title, url=kind.url))
    return items
