"""Every page is opened by all kinds of people, and nothing is written for it."""

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from tests.matrix.asking import address_of, opens
from tests.matrix.roles import ANONYMOUS
from tests.matrix.table import ROWS

# Thousands of requests in a test, on machines of many speeds.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rare_collections"), pytest.mark.time_limit(180)]
# What the link in a mail is for: whoever has it needs no account.
MEANT = {
    ("post", "notifications:stop [own]"): {"notifications_follow"},
    ("post", "notifications:confirm [own]"): {"notifications_follow"},
}
ACTORS = ("administrator", "focal point", "scientist", ANONYMOUS)


def written() -> dict[str, int]:
    """How many rows of each table this transaction has written so far, those that were taken back among them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return dict(cursor.fetchall())


def tables_written(before: dict[str, int], *, but: set[str] = frozenset()) -> set[str]:
    return {table for table, rows in written().items() if rows != before.get(table, 0)} - but


def test_what_is_written_is_counted(world):
    before = written()
    world.theme.save()
    assert tables_written(before) >= {"vocabularies_theme"}


@pytest.mark.parametrize("role", ACTORS)
def test_t30_opening_a_page_changes_nothing(browsers, role):
    """Not even a session: those of our browsers are begun."""
    guilty = {}
    for key in sorted(ROWS):
        if opens(key, "GET", role):
            before = written()
            browsers.ask(role, "GET", address_of(key, browsers.world))
            guilty[key] = tables_written(before)
    assert {key: tables for key, tables in guilty.items() if tables} == {}


@pytest.mark.usefixtures("unrendered")
def test_t47_visitors_leave_no_rows(world):
    """Looking anywhere, and sending nothing at all; what is sent whole is throttled, and tested with its form."""
    guilty = {}
    for key in sorted(ROWS):
        for send in (Client().get, Client().post):
            cache.clear()  # or they would be stopped as too many
            before = written()
            with transaction.atomic():
                send(address_of(key, world))
                transaction.set_rollback(True)
            guilty[send.__name__, key] = tables_written(before)
    assert {key: tables for key, tables in guilty.items() if tables} == MEANT
