"""Several small questions in one statement: what a list must know beside its rows."""

from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_PLAIN = "SELECT %s, a::text, b::text, c::text FROM ({}) AS q (a, b, c)"
_NAMED = "SELECT %s, code::text, name::text, c::text FROM ({}) AS q (a, b, c) JOIN ({}) AS n (key, code, name) ON n.key = q.a"
_COUNTED = "SELECT %s, NULL, NULL, COUNT(*)::text FROM ({}) AS q"

Answer = tuple[str | None, str | None, str | None]


class Question(NamedTuple):
    """Rows of (value, name, third). With `names`, a QuerySet of (key, code, name), the values are keys that it explains:
    grouping by keys and naming only what is left is far quicker than grouping by names.
    """

    rows: QuerySet
    names: QuerySet | None = None


def ask_together(
    questions: Mapping[str, list[Question]], *, counted: Mapping[str, QuerySet] | None = None
) -> dict[str, list[Answer]]:
    """For each name its rows, three columns of text; of what is counted, how many rows there are, in the third column.

    One UNION ALL. Django's own union does not take what is counted behind a LIMIT.
    """
    statement = _Statement()
    for name, several in questions.items():
        for rows, names in several:
            if names is None:
                statement.add(_PLAIN, name, rows)
            else:
                statement.add(_NAMED, name, rows, names)
    for name, rows in (counted or {}).items():
        statement.add(_COUNTED, name, rows)
    answers: dict[str, list[Answer]] = {name: [] for name in [*questions, *(counted or {})]}
    for name, *columns in statement.fetch():
        answers[name].append((columns[0], columns[1], columns[2]))
    return answers


class _Statement:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.parameters: list = []  # of all parts, in order

    def add(self, frame: str, name: str, *querysets: QuerySet) -> None:
        parameters: list = [name]
        pieces = frame.split("{}")
        try:
            for number, queryset in enumerate(querysets):
                sql, values = queryset.query.sql_with_params()
                pieces[number] += sql
                parameters += values
        except EmptyResultSet:  # Django knows without asking that there is no row
            return
        self.parts.append("".join(pieces))
        self.parameters += parameters

    def fetch(self) -> list[tuple]:
        if not self.parts:
            return []
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(self.parts), self.parameters)
            return cursor.fetchall()
