"""Tables written anew after somebody was erased.

PostgreSQL leaves what a row was in its files until the table is cleaned, in the gaps of its pages even then, and in
indexes and statistics too. Written anew, a table holds what it says and nothing else. Its write-ahead log holds older
bytes until its segments are used again, and backups do until they are thrown away: docs/operations.md says how long.
"""

import re
import time

from django.db import OperationalError, connection
from django.db.models.functions import Now

from anso_portal.closing import held_models
from anso_portal.models import ClosedAccount
from toolkit.clock import database_now

PATIENCE = 5.0  # seconds. A table in use by something longer is left for the next night.
STATISTICS = "pg_catalog.pg_statistic"  # The planner's samples of values.
# Its second line, in any language: how many dead rows had to be copied because somebody may still look at them.
COPIED = re.compile(r"\n\w+:\s+(\d+) ")
# A table that has become empty keeps its samples. Before PostgreSQL 18 nothing takes them away but the next ones.
FORGET_STATISTICS = """
SELECT pg_clear_attribute_stats(nspname, relname, attname, false) FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
WHERE NOT attisdropped AND pg_class.oid IN (
    SELECT %(table)s::regclass UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = %(table)s::regclass
)
"""

OWNED = """
SELECT pg_has_role(relowner, 'USAGE') OR relnamespace = 'pg_catalog'::regnamespace AND pg_has_role(datdba, 'USAGE')
FROM pg_class, pg_database WHERE pg_class.oid = %(table)s::regclass AND datname = current_database()
"""


class NotAllowed(Exception):
    """The database lets only the owner of the tables do this; the message says how."""


class StillLookedAt(Exception):
    """A transaction that began earlier may still read what was erased."""


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
        if refused := [table for table in [*tables(), STATISTICS] if not _may(cursor, table)]:
            raise NotAllowed(
                f"Only the owner may write {', '.join(refused)} anew: run manage.py clean_up with its MIGRATION_DATABASE_URL."
            )
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{PATIENCE * 1000:.0f}ms"])
        try:
            for table in tables():
                if connection.pg_version >= 180000:  # type: ignore[attr-defined]
                    cursor.execute(FORGET_STATISTICS, {"table": table})
                _rewrite(cursor, connection.ops.quote_name(table))
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
            _rewrite(cursor, STATISTICS)
        except (OperationalError, StillLookedAt):
            return 0  # Somebody works with it: the next night.
        finally:
            cursor.execute("RESET lock_timeout")
    return waiting.update(cleaned_at=Now(), rewritten_at=Now())


def _rewrite(cursor, table: str) -> None:
    """Raises StillLookedAt where a transaction that goes on all the while makes PostgreSQL keep rows that are dead.

    VACUUM comes first: unlike VACUUM FULL it is held up by no transaction in another database of the same server.
    """
    notices = connection.connection.notices
    until = time.monotonic() + PATIENCE
    while True:
        cursor.execute(f"VACUUM {table}")
        notices.clear()
        cursor.execute(f"VACUUM (FULL, VERBOSE) {table}")
        if not any(int(count) for notice in notices for count in COPIED.findall(notice)):
            return
        if time.monotonic() > until:
            raise StillLookedAt
        time.sleep(0.5)


def _may(cursor, table: str) -> bool:
    """A refusal of VACUUM is a warning only, and would be taken for a success."""
    cursor.execute(OWNED, {"table": table})
    owned = cursor.fetchone()[0]
    if owned or connection.pg_version < 170000:  # type: ignore[attr-defined]
        return owned
    cursor.execute("SELECT has_table_privilege(%s, 'MAINTAIN')", [table])
    return cursor.fetchone()[0]
