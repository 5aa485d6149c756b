"""The first rows of many, and the number of the next one."""

from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.db.models import Count, IntegerField, QuerySet, Subquery, Window

from toolkit.names import slugify, unique_slug


class CountOf(Subquery):
    """How many rows a QuerySet has, as a value: asked once, not for each row."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def new_slug(
    row: models.Model, name: str, country: str = "", *, fallback: str = "", taken: Callable[[str], bool] | None = None
) -> str:
    """The address of a record that is to be made. A name without Latin form takes the record's number, which is given here."""
    model = type(row)
    base = slugify(name, fallback)
    if not base:
        row.pk = next_key(model)
        base = str(row.pk)
    return unique_slug(base, country, taken=taken or (lambda slug: model._base_manager.filter(slug=slug).exists()))


def columns_but(model: type[models.Model], *names: str) -> list[str]:
    """For `save(update_fields=…)`: all columns of a row but its key, those that the database makes, and these."""
    fields = model._meta.concrete_fields
    return [f.name for f in fields if not (f.primary_key or f.generated or f.name in names)]


def first_rows(rows: QuerySet, limit: int) -> tuple[list[Any], int]:
    """The first rows and how many there are in all, in one statement; for parts of a page that lead on to a list.

    Rows of a model are counted by key, so that only those on the page are read whole; grouped ones are all made anyway.
    """
    grouped = rows.query.values_select or rows.query.group_by
    total = Window(Count("*")) if grouped else CountOf(rows.order_by().values("pk"))
    found = list(rows.annotate(total_rows=total)[:limit])
    if not found:
        return [], 0
    first = found[0]
    return found, first["total_rows"] if isinstance(first, dict) else first.total_rows


def next_key(model: type[models.Model]) -> int:
    """The number of a record before it is saved, for an address made of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, %s))", [model._meta.db_table, model._meta.pk.column])
        return cursor.fetchone()[0]
