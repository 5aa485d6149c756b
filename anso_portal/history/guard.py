"""What the database itself refuses: made anew after each `migrate`, so that later tables are guarded too.

Two roles: the owner, who migrates, and the application, whose grants are given here table by table. What the grants refuse to
the application, a trigger refuses to everybody, unless `maintenance()` says that the whole database is being emptied.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory.core
from django.db import connection, models, transaction
from pghistory.models import Context

from anso_portal.models import HistoryLink, HistorySeal

# A context is one transaction's share of one act, written once. pghistory's own function changes a context when more is
# said in it, which an append-only table forbids, and which would let anybody rewrite who did what. Here, other words make
# another context; and since a transaction becomes visible as a whole, a context that can be seen is complete.
CONTEXTS = """
CREATE OR REPLACE FUNCTION _pgh_attach_context() RETURNS uuid LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    act text := current_setting('pghistory.context_id', true);
    facts jsonb := COALESCE(NULLIF(current_setting('pghistory.context_metadata', true), ''), '{}');
    key uuid;
BEGIN
    IF act <> '' THEN
        facts := facts || jsonb_build_object('act', act);
    ELSE
        facts := jsonb_build_object('database', session_user);
    END IF;
    key := encode(substr(sha256(convert_to(concat_ws(
        ' ', pg_current_xact_id(), extract(epoch FROM now()), pg_backend_pid(), facts
    ), 'UTF8')), 1, 16), 'hex');
    INSERT INTO pghistory_context (id, metadata, created_at, updated_at) VALUES (key, facts, now(), now())
    ON CONFLICT (id) DO NOTHING;
    RETURN key;
END $$
"""
REFUSAL = """
CREATE OR REPLACE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('anso.history_maintenance', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The history only grows: % of % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
REFUSE = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()
"""
# pgtrigger lets any session name triggers that are not to fire. Here none is left out.
ALWAYS = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN false;
END $$
"""
# Temporary tables come before all others, so one named like a table of events would swallow them.
NO_DECOYS = """
DO $$ DECLARE function regprocedure; BEGIN
    FOR function IN
        SELECT DISTINCT pg_proc.oid FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE NOT tgisinternal AND pronamespace = 'public'::regnamespace AND proconfig IS NULL
    LOOP EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', function); END LOOP;
END $$
"""
# Only an owner may have statistics collected, and a table that the planner takes for empty makes lists take minutes.
STATISTICS = """
CREATE OR REPLACE FUNCTION collect_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    place regclass;
BEGIN
    FOR place IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('ANALYZE %s', place);
    END LOOP;
END $$
"""
GRANTS = """
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE UPDATE ON ALL SEQUENCES IN SCHEMA public FROM {role};
{maintain}
REVOKE ALL ON {history} FROM {role};
GRANT SELECT, INSERT ON {history} TO {role};
REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON django_migrations FROM {role};
"""

# To clean a table of what was erased, which older servers let only the owner do.
MAINTAIN = """
GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {role};
DO $$ BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        GRANT MAINTAIN ON pg_catalog.pg_statistic TO {role};
    END IF;
END $$;
"""


class NoSuchRole(Exception):
    """The role of DATABASE_URL is not there; the message says what to do."""


def history_models() -> list[type[models.Model]]:
    return [*pghistory.core.event_models(), Context, HistorySeal, HistoryLink]


def history_tables() -> list[str]:
    """Those that are there: a migration may stop half-way."""
    held = set(connection.introspection.table_names())
    return sorted(table for model in history_models() if (table := model._meta.db_table) in held)


@transaction.atomic
def secure(role: str) -> None:
    """Functions and triggers; grants too where the application has a role of its own."""
    tables = history_tables()
    if Context._meta.db_table not in tables:
        return
    with connection.cursor() as cursor:
        for statement in (CONTEXTS, REFUSAL, STATISTICS, ALWAYS):
            cursor.execute(statement)
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        guarded = {name for (name,) in cursor.fetchall()}
        for table in tables:
            if table not in guarded:
                _adopt(cursor, table)
                cursor.execute(REFUSE.format(table=quoted(table)))
        cursor.execute(NO_DECOYS)
        if role:
            _grant(cursor, role, tables)


def _adopt(cursor, table: str) -> None:
    """Events of a time when the table was not guarded, and written outside any context, get one, so that all can be sealed."""
    if table in {model._meta.db_table for model in pghistory.core.event_models()}:
        cursor.execute(
            f"UPDATE {quoted(table)} SET pgh_context_id = _pgh_attach_context() WHERE pgh_context_id IS NULL"  # noqa: S608
        )


def _grant(cursor, role: str, tables: list[str]) -> None:
    cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [role])
    if not cursor.fetchone()[0]:
        raise NoSuchRole(
            f"DATABASE_URL names the role {role}, which the server does not know. Make it: CREATE ROLE {role} LOGIN PASSWORD '…'; "
            "it needs nothing else, and gets its grants here."
        )
    cursor.execute(grants(role, tables))


def grants(role: str, tables: list[str]) -> str:
    names = {"role": quoted(role), "database": quoted(connection.settings_dict["NAME"])}
    maintain = MAINTAIN.format(**names) if connection.pg_version >= 170000 else ""  # type: ignore[attr-defined]
    return GRANTS.format(**names, maintain=maintain, history=", ".join(map(quoted, tables)))


@contextmanager
def maintenance() -> Iterator[None]:
    """Lets the owner empty the history together with all the rest. Nothing else has a reason to."""
    with connection.cursor() as cursor:
        cursor.execute("SET anso.history_maintenance = 'on'")
        try:
            yield
        finally:
            cursor.execute("RESET anso.history_maintenance")


def may_rewrite(role: str) -> bool:
    """Whether this role, or without a name the one that asks, could change what is recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) > 0 FROM unnest(%s) AS name, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS act "
            "WHERE has_table_privilege(COALESCE(NULLIF(%s, ''), current_user), name, act)",
            [history_tables(), role],
        )
        return cursor.fetchone()[0]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
