"""Of an erased person nothing is left in the files of the database either: tables, indexes, statistics."""

from pathlib import Path

import pytest
from django.db import connection

from anso_portal import rewriting
from anso_portal.cleaning import clean_up
from anso_portal.closing import erase_account
from anso_portal.models import ClosedAccount
from tests.anso_portal.test_personal_data import MARKS, marked  # noqa: F401 (a fixture)
from tests.application_role import ROLES
from tests.factories import UserFactory


def files_of_the_database() -> list[Path]:
    with ROLES.as_owner(), connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        folder = Path(cursor.fetchone()[0])
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        (number,) = cursor.fetchone()
    return [path for path in (folder / "base" / str(number)).iterdir() if path.is_file()]


def marks_in_files() -> set[str]:
    found = set()
    for path in files_of_the_database():
        try:
            raw = path.read_bytes()
        except FileNotFoundError:  # PostgreSQL has just put another one in its place
            continue
        found |= {name for name, mark in MARKS.items() if mark.encode() in raw}
    return found


@pytest.mark.time_limit(120)
@pytest.mark.django_db(transaction=True)
def test_no_mark_is_left_in_any_file_of_the_database(marked):  # noqa: F811
    before = marks_in_files()
    assert {"name", "first address", "biography", "ORCID"} <= before  # else the rest would prove nothing
    with ROLES.as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # and the statistics hold them too, as they do after a while in any portal
    erase_account(user=marked, by=marked)
    assert marks_in_files()  # what PostgreSQL leaves behind
    assert rewriting.rewrite_tables() == 1

    assert marks_in_files() == set()
    closed = ClosedAccount.objects.get()
    assert closed.rewritten_at
    assert rewriting.rewrite_tables() == 0  # once is enough


@pytest.mark.django_db(transaction=True)
def test_long_transaction_in_another_database_of_the_server_holds_nothing_up():
    user = UserFactory()
    other = connection.copy()
    other.settings_dict = {**other.settings_dict, "NAME": "postgres"}
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            erase_account(user=user, by=user)
            assert rewriting.rewrite_tables() == 1
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_nightly_cleaning_does_it(capsys):
    user = UserFactory()
    erase_account(user=user, by=user)
    assert dict(clean_up())["accounts erased from the files of the database"] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "look",
    ["LOCK TABLE accounts_user IN ACCESS SHARE MODE", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1"],
    ids=["a table is locked", "an older state is looked at"],
)
def test_what_is_in_use_is_left_for_the_next_night(monkeypatch, look):
    user = UserFactory()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(look)
            erase_account(user=user, by=user)
            with monkeypatch.context() as patch:
                patch.setattr(rewriting, "PATIENCE", 0.05)
                assert rewriting.rewrite_tables() == 0
    finally:
        other.close()
    assert ClosedAccount.objects.get().rewritten_at is None
    assert rewriting.rewrite_tables() == 1


@pytest.mark.django_db
def test_role_that_may_not_is_told_instead_of_believed(monkeypatch):
    user = UserFactory()
    erase_account(user=user, by=user)
    ClosedAccount.objects.update(at="2026-01-01T00:00Z")
    monkeypatch.setattr(rewriting, "_may", lambda cursor, table: False)
    with pytest.raises(rewriting.NotAllowed, match="MIGRATION_DATABASE_URL"):
        rewriting.rewrite_tables()
    assert dict(clean_up())["accounts erased from the files of the database"] == 0
