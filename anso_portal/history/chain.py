"""Seals what was recorded into a chain: each link holds the digest of one context and the hash of the link before.

A context belongs to one transaction (see guard.py), so one that can be seen is complete and never grows: nothing has to be
waited for, and an event that turns up later in a sealed context was put there behind the portal's back. Hashing happens in
the database; what comes here is one digest per context and table, whatever the number of events.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

import pghistory.core
from django.db import connection, transaction
from pghistory.models import Context

from anso_portal.history.guard import quoted
from anso_portal.models import HistoryLink
from toolkit.clock import database_now

BATCH = 500  # Contexts in one transaction.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('anso_portal.history'))"  # One hand at the chain.
# How values are written as text must not depend on who asks.
PLAIN = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL extra_float_digits = 1
"""
UNSEALED = """
SELECT id FROM pghistory_context AS context
WHERE {since} NOT EXISTS (SELECT FROM anso_portal_historylink AS link WHERE link.context = context.id)
ORDER BY created_at, id LIMIT %s
"""
LATELY = "created_at >= now() - interval '1 day' AND"
SEAL = """
INSERT INTO anso_portal_historyseal (link_id, "table", columns, count, leaves)
SELECT position, %s, %s, count(*), string_agg(leaf, ''::bytea ORDER BY key) FROM ({leaves}) AS leaves GROUP BY position
RETURNING link_id, count, encode(sha256(leaves), 'hex')
"""
LEAVES = """
SELECT asked.position, {key} AS key, int8send({key}) || substr(sha256(convert_to(ROW({columns})::text, 'UTF8')), 1, 16) AS leaf
FROM ({asked}) AS asked JOIN {table} AS kept ON kept.{context} = asked.context
"""
THESE = "SELECT * FROM unnest(%s::uuid[], %s::bigint[]) AS these (context, position)"
ALL_BEFORE = (
    "SELECT context, %s::bigint AS position FROM anso_portal_historylink WHERE position < %s AND context IS NOT NULL"
)
SHAPES = """
SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid
WHERE relname = ANY(%s) AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped ORDER BY attname
"""

Say = Callable[[int], None]


@dataclass(frozen=True)
class Table:
    """One whose rows are sealed: which number a row has, and which column names its context. A context has no number."""

    name: str
    key: str = "kept.pgh_id"
    context: str = "pgh_context_id"

    def leaves(self, columns: Iterable[str], asked: str = THESE) -> str:
        """A query for the hash of each row of the contexts that are asked for, with the position of their link."""
        return LEAVES.format(
            table=quoted(self.name),
            key=self.key,
            context=self.context,
            columns=", ".join(f"kept.{quoted(column)}" for column in columns),
            asked=asked,
        )


CONTEXTS = Table(Context._meta.db_table, "0", "id")


@dataclass(frozen=True)
class Part:
    """What a link says of one table."""

    table: str
    columns: tuple[str, ...]
    count: int
    hash: str

    def __str__(self) -> str:
        return f"{self.table} ({', '.join(self.columns)}) {self.count} {self.hash}"


def tables() -> list[Table]:
    events = [Table(model._meta.db_table) for model in pghistory.core.event_models()]
    return sorted([*events, CONTEXTS], key=lambda table: table.name)


def shapes() -> dict[str, dict[str, str]]:
    """The columns of each table of the history that is there, with their types."""
    wanted = [table.name for table in tables()]
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(
            SHAPES,
            [wanted],
        )
        for table, column, kind in cursor.fetchall():
            found[table][column] = kind
    return dict(found)


def head() -> HistoryLink | None:
    return HistoryLink.objects.order_by("-position").first()


# --- Sealing


def seal(*, lately: bool = False, say: Say = lambda number: None) -> int:
    """Gives the number of new links. `lately` looks at the last day only, which is what a frequent call can afford."""
    made = 0
    while new := _seal_some(lately):
        made += new
        say(made)
    return made


@transaction.atomic(durable=True)
def _seal_some(lately: bool) -> int:
    columns = {table: tuple(shape) for table, shape in shapes().items()}
    with connection.cursor() as cursor:
        cursor.execute(LOCK)  # From here on each statement sees what the one before us sealed.
        cursor.execute(PLAIN)
        cursor.execute(UNSEALED.format(since=LATELY if lately else ""), [BATCH])
        contexts = [key for (key,) in cursor.fetchall()]
        if not contexts:
            return 0
        last = head()
        first = last.position + 1 if last else 1
        parts: dict[int, list[Part]] = defaultdict(list)
        for table in tables():
            asked = [contexts, list(range(first, first + len(contexts)))]
            _seal_table(cursor, parts, table.name, columns[table.name], table.leaves(columns[table.name]), asked)
    _append(last, contexts, parts)
    return len(contexts)


def _seal_table(
    cursor, parts: dict[int, list[Part]], table: str, columns: tuple[str, ...], leaves: str, asked: list
) -> None:
    cursor.execute(SEAL.format(leaves=leaves), [table, list(columns), *asked])
    for position, count, digest in cursor.fetchall():
        parts[position].append(Part(table, columns, count, digest))


def _append(last: HistoryLink | None, contexts: Iterable[UUID | None], parts: Mapping[int, list[Part]]) -> None:
    now = database_now()
    links = []
    for context in contexts:
        position = last.position + 1 if last else 1
        link = HistoryLink(position=position, context=context, sealed_at=now, previous=last.hash if last else "")
        link.digest = digest_of(parts[position])
        link.hash = hash_of(link)
        links.append(link)
        last = link
    HistoryLink.objects.bulk_create(links)


@transaction.atomic
def reseal(before: Mapping[str, Mapping[str, str]]) -> list[str]:
    """After migrations: tables whose columns went or changed can no longer be hashed as they were, so what was sealed of them
    is hashed anew, by one more link, from which their verification begins. Gives their names. Columns that came do no harm.
    """
    after = shapes()
    changed = [name for name, shape in before.items() if not shape.items() <= after.get(name, {}).items()]
    new = [name for name in after if name not in before]  # A renamed table is one that went and one that came.
    last = head()
    if not last or not (changed or new):
        return []
    parts: dict[int, list[Part]] = defaultdict(list)
    position = last.position + 1
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(PLAIN)
        for table in tables():
            if table.name in after and (table.name in changed or table.name in new):
                columns = tuple(after[table.name])
                leaves = table.leaves(columns, ALL_BEFORE)
                _seal_table(cursor, parts, table.name, columns, leaves, [position, position])
    if parts:
        _append(last, [None], parts)
    return sorted(part.table for part in parts[position])


# --- Hashes


def digest_of(parts: Iterable[Part]) -> str:
    return _sha256(*sorted(map(str, parts)))


def hash_of(link: HistoryLink) -> str:
    at = link.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sha256(str(link.position), str(link.context or ""), at, link.digest, link.previous)


def _sha256(*lines: str) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
