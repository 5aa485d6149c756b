"""What waits for somebody. Each app's `desk.py` tells it in these words, and the page at `/desk/` only joins them.

A `desk.py` may hold `items(user)` (what needs this person), `mine(user)` (what this person has asked for) and
`places(user)` (pages of work). Each costs the same number of statements for one row and for many.
"""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import ngettext

from toolkit.rows import first_rows

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


def oldest(rows: QuerySet, item: Callable[[Any], Item], *, url: str) -> list[Item]:
    """Items of the first rows (they come oldest first), and one for the rest that leads to `url`: one statement."""
    shown, total = first_rows(rows, MOST)
    items = [item(row) for row in shown]
    rest = total - len(items)
    if rest > 0:
        title = ngettext("and %(count)d more", "and %(count)d more", rest) % {"count": rest}
        items.append(items[-1]._replace(title=title, url=url))
    return items
