"""Several small questions in one statement: what a list must know beside its rows."""

from collections.abc import Mapping

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Answer = tuple[str | None, str | None, str | None]


def ask_together(
    questions: Mapping[str, list[QuerySet]], *, counted: Mapping[str, QuerySet] | None = None
) -> dict[str, list[Answer]]:
    """For each name the rows of its QuerySets, which give three columns, as text; for a counted one how many rows it has.

    One UNION ALL. Django's own union does not take what is counted behind a LIMIT.
    """
    statements: list[str] = []
    values: list = []
    for name, querysets in questions.items():
        for queryset in querysets:
            _add(statements, values, "SELECT %s, a::text, b::text, c::text FROM ({}) AS q (a, b, c)", name, queryset)
    for name, queryset in (counted or {}).items():
        _add(statements, values, "SELECT %s, NULL, NULL, COUNT(*)::text FROM ({}) AS q", name, queryset)
    answers: dict[str, list[Answer]] = {name: [] for name in [*questions, *(counted or {})]}
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(statements), values)
            for name, *columns in cursor.fetchall():
                answers[name].append(tuple(columns))
    return answers


def _add(statements: list[str], values: list, frame: str, name: str, queryset: QuerySet) -> None:
    try:
        sql, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:  # Django knows without asking that there is no row
        return
    statements.append(frame.replace("{}", sql))
    values += [name, *parameters]
