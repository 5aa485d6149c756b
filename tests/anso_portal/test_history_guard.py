"""What the database refuses, asked as the role that the portal runs as, in a connection of its own."""

from contextlib import contextmanager

import pghistory.core
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pghistory.models import Context

from anso_portal.history import guard
from anso_portal.models import HistoryLink, HistorySeal
from anso_portal.supervisor.servers import APPLICATION
from members.models import Institution
from tests.factories import InstitutionFactory
from toolkit.history import context

HISTORY = [*(model._meta.db_table for model in pghistory.core.event_models()), "pghistory_context"]
HISTORY += ["anso_portal_historylink", "anso_portal_historyseal"]

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str = "42501"):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        yield
    assert refusal.value.__cause__.pgcode == code


def run(statement: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else None


def test_these_tests_work_as_the_role_of_the_portal():
    assert run("SELECT current_user, session_user") == [(APPLICATION, APPLICATION)]
    assert run("SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user") == [
        (False,)
    ]


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}", "DROP TABLE {0}"])
def test_the_portal_cannot_change_the_history(table, statement):
    column = run("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 LIMIT 1", table)[0][0]

    with refused():
        run(statement.format(table, connection.ops.quote_name(column)))


@pytest.mark.parametrize("table", HISTORY)
def test_the_portal_cannot_take_the_guard_off(table):
    with refused():
        run(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    with refused():
        run("SET session_replication_role = 'replica'")
    with refused():
        run("CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE own (id int)",
        "ALTER TABLE members_institution ADD COLUMN own int",
        "DROP TABLE members_institution",
        "DELETE FROM django_migrations",
        "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TRIGGER own BEFORE INSERT ON members_institution EXECUTE FUNCTION history_is_append_only()",
        "SELECT setval(pg_get_serial_sequence('members_institutionevent', 'pgh_id'), 1)",
        "SELECT setval(pg_get_serial_sequence('members_institution', 'id'), 1)",
    ],
)
def test_the_portal_cannot_change_tables(statement):
    with refused():
        run(statement)


def test_saying_that_it_is_maintenance_helps_the_portal_nothing():
    with guard.maintenance(), refused():
        run("DELETE FROM members_institutionevent")


def test_nothing_that_a_session_says_keeps_a_change_out_of_the_history():
    institution = InstitutionFactory(city="Lahore")
    triggers = run("SELECT array_agg(tgname) FROM pg_trigger WHERE tgrelid = 'members_institution'::regclass")[0][0]
    run("SELECT set_config('pgtrigger.ignore', %s, true)", "{" + ",".join(triggers) + "}")
    for table in ("members_institutionevent", "pghistory_context"):
        run(f"CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL)")
    run("SET LOCAL search_path = pg_temp, public")

    run("UPDATE members_institution SET city = 'Karachi'")

    assert run("SELECT pgh_label, city FROM public.members_institutionevent ORDER BY pgh_id") == [
        ("insert", "Lahore"),
        ("update", "Karachi"),
    ]
    assert run("SELECT count(*) FROM pg_temp.pghistory_context") == [(0,)]
    assert institution.pk


def test_a_context_cannot_be_made_to_say_somebody_else():
    """pghistory's own function would: it is the portal's to call, with any number and any words."""
    with context(user=4711):
        InstitutionFactory()
    before = list(Context.objects.values())
    run("SELECT set_config('pghistory.context_id', %s, true)", str(before[-1]["id"]))
    run("""SELECT set_config('pghistory.context_metadata', '{"user": 1}', true)""")
    run("SELECT _pgh_attach_context()")

    assert list(Context.objects.filter(pk__in=[row["id"] for row in before]).values()) == before


def test_writing_outside_any_context_is_told_by_the_role():
    institution = InstitutionFactory()

    assert institution.events.get().pgh_context.metadata == {"database": APPLICATION}


@pytest.mark.owner
@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("statement", ["DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_the_owner_is_refused_too_unless_it_is_maintenance(table, statement):
    with refused():
        run(statement.format(table))
    with guard.maintenance():
        run(statement.format(table))


@pytest.mark.owner
def test_grants_may_be_given_again_and_a_missing_role_is_named():
    guard.secure(APPLICATION)
    assert not guard.may_rewrite(APPLICATION)
    assert guard.may_rewrite("anso")
    with pytest.raises(guard.NoSuchRole, match="CREATE ROLE nobody_here LOGIN"):
        guard.secure("nobody_here")


@pytest.mark.django_db(transaction=True)
def test_emptying_the_database_takes_the_history_along():
    InstitutionFactory()
    call_command("seal_history")

    call_command("flush", interactive=False)

    assert not any(
        model.objects.exists() for model in (Institution, Institution.pgh_event_model, HistorySeal, HistoryLink)
    )


@pytest.mark.owner
@pytest.mark.django_db(transaction=True)
def test_events_of_a_time_without_contexts_are_adopted_once():
    institution = InstitutionFactory()
    with transaction.atomic():
        run("DROP TRIGGER append_only ON members_institutionevent")
        run("UPDATE members_institutionevent SET pgh_context_id = NULL")
    guard.secure("")
    adopted = institution.events.get()

    assert adopted.pgh_context.metadata == {"database": "anso"}
    with refused():
        run("DELETE FROM members_institutionevent")
