"""Several small questions in one statement: what a list must know beside its rows."""

from collections.abc import Mapping
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Answer = tuple[str | None, str | None, str | None]


class Question(NamedTuple):
    """A frame with {} for each QuerySet, which gives a name and three columns of text."""

    frame: str
    querysets: tuple[QuerySet, ...]


def values_of(rows: QuerySet) -> Question:
    """The rows, of three columns, as they are."""
    return Question("SELECT %s, a::text, b::text, c::text FROM ({}) AS q (a, b, c)", (rows,))


def named_values_of(rows: QuerySet, names: QuerySet) -> Question:
    """The rows, whose first column is a key, as (code, name, third column); `names` has (key, code, name).

    To group by keys and to name only what is left is far quicker than to group by names.
    """
    return Question(
        "SELECT %s, code::text, name::text, c::text FROM ({}) AS q (a, b, c)"
        " JOIN ({}) AS n (key, code, name) ON n.key = q.a",
        (rows, names),
    )


def former_values_of(rows: QuerySet) -> Question:
    """The rows (former code, code, name, key) as (former code, name, "code key"); see `split_former`."""
    return Question("SELECT %s, a::text, c::text, b::text || ' ' || d::text FROM ({}) AS q (a, b, c, d)", (rows,))


def split_former(code: str, key: str) -> tuple[str, str]:
    """(code, key) of the record as it is now, from what either way of asking gave."""
    now, blank, key_now = key.rpartition(" ")
    return (now, key_now) if blank else (code, key)


def number_of(rows: QuerySet) -> Question:
    """How many rows there are, in the third column."""
    return Question("SELECT %s, NULL, NULL, COUNT(*)::text FROM ({}) AS q", (rows,))


def keys_of(rows: QuerySet) -> Question:
    """The one column of the rows, in the first column."""
    return Question("SELECT %s, key::text, NULL, NULL FROM ({}) AS q (key)", (rows,))


def ask_together(questions: Mapping[str, list[Question]]) -> dict[str, list[Answer]]:
    """The answers to each question under its name, in no order. One UNION ALL; none where Django knows there is no row."""
    parts: list[str] = []
    parameters: list = []
    for name, several in questions.items():
        for frame, querysets in several:
            try:
                compiled = [queryset.query.sql_with_params() for queryset in querysets]
            except EmptyResultSet:
                continue
            parts.append(_fill(frame, [sql for sql, _values in compiled]))
            parameters += [name, *(value for _sql, values in compiled for value in values)]
    answers: dict[str, list[Answer]] = {name: [] for name in questions}
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            for name, first, second, third in cursor.fetchall():
                answers[name].append((first, second, third))
    return answers


def _fill(frame: str, statements: list[str]) -> str:
    """`format` would take offence at braces in the statements."""
    first, *others = frame.split("{}")
    return first + "".join(sql + after for sql, after in zip(statements, others, strict=True))
