"""Tables written anew after somebody was erased.

PostgreSQL leaves what a row was in its files until the table is cleaned, in the gaps of its pages even then, and in
indexes and statistics too. Written anew, a table holds what it says and nothing else. Its write-ahead log holds older
bytes until its segments are used again, and backups do until they are thrown away: docs/operations.md says how long.
"""

from django.db import OperationalError, connection
from django.db.models.functions import Now

from anso_portal.closing import held_models
from anso_portal.models import ClosedAccount
from toolkit.clock import database_now

PATIENCE = "5s"  # A table in use by something long is left for the next night.


class NotAllowed(Exception):
    """The database lets only the owner of the tables do this; the message says how."""


def tables() -> list[str]:
    """Those that hold something of people."""
    return sorted({model._meta.db_table for model in held_models()})


def rewrite_tables() -> int:
    """Cleans the files of all that was erased before, and says of how many accounts. Outside any transaction.

    Raises NotAllowed where the role may not: PostgreSQL 17 and later have a grant for it, which `migrate` gives.
    """
    began = database_now()
    waiting = ClosedAccount.objects.filter(rewritten_at=None, at__lt=began)
    if not waiting.exists():
        return 0
    with connection.cursor() as cursor:
        if refused := [table for table in tables() if not _may(cursor, table)]:
            raise NotAllowed(
                f"Only the owner may write {', '.join(refused)} anew: run manage.py clean_up with its MIGRATION_DATABASE_URL."
            )
        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
        try:
            for table in tables():
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
        except OperationalError:
            return 0  # Somebody works with it: the next night.
        finally:
            cursor.execute("RESET lock_timeout")
    return waiting.update(cleaned_at=Now(), rewritten_at=Now())


def _may(cursor, table: str) -> bool:
    """A refusal of VACUUM is a warning only, and would be taken for a success."""
    right = "OR has_table_privilege(%(table)s, 'MAINTAIN')" if connection.pg_version >= 170000 else ""  # type: ignore[attr-defined]
    cursor.execute(
        f"SELECT pg_has_role(relowner, 'USAGE') {right} FROM pg_class WHERE oid = %(table)s::regclass",  # noqa: S608
        {"table": table},
    )
    return cursor.fetchone()[0]
