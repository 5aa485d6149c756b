"""The first rows of many."""

from typing import Any

from django.db.models import Count, QuerySet, Window


def first_rows(rows: QuerySet, limit: int) -> tuple[list[Any], int]:
    """The first rows and how many there are in all, in one statement; for parts of a page that lead on to a list."""
    found = list(rows.annotate(total_rows=Window(Count("*")))[:limit])
    if not found:
        return [], 0
    first = found[0]
    return found, first["total_rows"] if isinstance(first, dict) else first.total_rows
