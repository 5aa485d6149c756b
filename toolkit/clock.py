"""What time it is, as the database says: machines disagree, and a deadline has one clock."""

import datetime

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateField, Func


class Today(Func):
    """The database's current date in UTC, for filters, annotations and CASE; whatever zone the session has.

    It moves with each statement, as `Now()` does, so a long transaction that passes midnight sees the new day.
    """

    template = "(STATEMENT_TIMESTAMP() AT TIME ZONE 'UTC')::date"
    arity = 0
    output_field = DateField()


def utc_today() -> datetime.date:
    """For the default of a day that is compared with `Today()`, whatever zone the reader of a page is in."""
    return datetime.datetime.now(datetime.UTC).date()


def database_now(using: str = DEFAULT_DB_ALIAS) -> datetime.datetime:
    """Asks the database: one small query each time, so ask once and hand it on."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT STATEMENT_TIMESTAMP()")
        now: datetime.datetime = cursor.fetchone()[0]
    return now.astimezone(datetime.UTC)


def database_today(using: str = DEFAULT_DB_ALIAS) -> datetime.date:
    """The date in UTC; one small query each time."""
    return database_now(using).date()
