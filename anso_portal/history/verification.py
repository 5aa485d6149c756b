"""Recomputes the chain from what the tables hold now, and names what was changed, taken away or put in since it was sealed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction

from anso_portal.history.chain import (
    ALL_BEFORE,
    CONTEXTS,
    PLAIN,
    THESE,
    Part,
    Table,
    digest_of,
    hash_of,
    shapes,
    tables,
)
from anso_portal.history.guard import quoted
from anso_portal.models import HistoryLink, HistorySeal

BATCH = 500  # Links whose rows are hashed in one statement.
NUMBER, LEAF = 8, 24  # Bytes of a row's number, and of the number with the hash.
CHANGED, TAKEN, PUT_IN = "changed", "taken away", "put in"

PARTS = """
SELECT link_id, "table", columns, count, encode(sha256(leaves), 'hex') FROM anso_portal_historyseal WHERE link_id = ANY(%s)
"""
DIGESTS = """
SELECT position, encode(sha256(string_agg(leaf, ''::bytea ORDER BY key)), 'hex') FROM ({leaves}) AS now GROUP BY position
"""
ROWS = "SELECT leaf FROM ({leaves}) AS now ORDER BY key"
STRANGERS = """
SELECT pgh_id FROM {table} AS kept
WHERE kept.pgh_context_id IS NULL OR (
    NOT EXISTS (SELECT FROM pghistory_context AS context WHERE context.id = kept.pgh_context_id)
    AND NOT EXISTS (SELECT FROM anso_portal_historylink AS link WHERE link.context = kept.pgh_context_id)
) ORDER BY pgh_id
"""
WAITING = """
SELECT count(*) FROM pghistory_context AS context
WHERE NOT EXISTS (SELECT FROM anso_portal_historylink AS link WHERE link.context = context.id)
"""

Say = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was sealed."""

    act: str
    what: str

    def __str__(self) -> str:
        return f"{self.act}: {self.what}"


@dataclass
class Verification:
    findings: list[Finding] = field(default_factory=list)
    links: int = 0
    rows: int = 0
    waiting: int = 0
    head: str = ""


@transaction.atomic
def verify(*, expect: str = "", say: Say = lambda done, all: None) -> Verification:
    """`expect` is a head that was noted elsewhere, as position:hash: only with one can a chain that was rewritten whole be told."""
    return _Run(say).through(expect)


class _Run:
    def __init__(self, say: Say):
        self.say = say
        self.result = Verification()
        self.tables = tables()
        self.shapes = shapes()
        self.since: dict[str, int] = {}  # The link by which a table was last sealed as a whole.

    def through(self, expect: str) -> Verification:
        with connection.cursor() as cursor:
            cursor.execute(PLAIN)
            resealed = (
                HistorySeal.objects.filter(link__context=None).order_by("link_id").values_list("table", "link_id")
            )
            self.since = dict(resealed)
            self._walk(cursor)
            for table in self.tables:
                if table != CONTEXTS and table.name in self.shapes:
                    cursor.execute(STRANGERS.format(table=quoted(table.name)))
                    self._find(PUT_IN, (_row(table, key) for (key,) in cursor.fetchall()))
            cursor.execute(WAITING)
            self.result.waiting = cursor.fetchone()[0]
        if expect and not self._holds(expect):
            self._find(CHANGED, [f"the chain does not hold {expect}"])
        return self.result

    def _find(self, act: str, things: Iterable[str]) -> None:
        self.result.findings += [Finding(act, what) for what in things]

    def _holds(self, expect: str) -> bool:
        position, _colon, digest = expect.strip().partition(":")
        return position.isdecimal() and HistoryLink.objects.filter(position=int(position), hash=digest).exists()

    # --- Link by link

    def _walk(self, cursor) -> None:
        total = HistoryLink.objects.count()
        last: HistoryLink | None = None
        while links := list(
            HistoryLink.objects.filter(position__gt=last.position if last else 0).order_by("position")[:BATCH]
        ):
            parts = self._parts(cursor, links)
            for link in links:
                self._check(link, last, parts[link.position])
                last = link
            for table in self.tables:
                self._compare(cursor, table, links, parts)
            self.result.links += len(links)
            self.say(self.result.links, total)
        end = last.position if last else 0
        self.result.head = str(last or "")
        lost = (
            HistorySeal.objects.filter(link_id__gt=end).order_by("link_id").values_list("link_id", flat=True).distinct()
        )
        self._find(TAKEN, (f"link {position}" for position in lost))

    def _check(self, link: HistoryLink, last: HistoryLink | None, parts: list[Part]) -> None:
        due = last.position + 1 if last else 1
        self._find(TAKEN, (f"link {position}" for position in range(due, link.position)))
        if hash_of(link) != link.hash:
            self._find(CHANGED, [f"link {link.position}"])
        elif link.position == due and link.previous != (last.hash if last else ""):
            self._find(CHANGED, [f"link {link.position}, which does not continue the one before"])
        if digest_of(parts) != link.digest:
            self._find(CHANGED, [f"seals of link {link.position}"])

    def _parts(self, cursor, links: list[HistoryLink]) -> dict[int, list[Part]]:
        cursor.execute(PARTS, [[link.position for link in links]])
        parts = defaultdict(list)
        for position, table, columns, count, digest in cursor.fetchall():
            parts[position].append(Part(table, tuple(columns), count, digest))
            self.result.rows += count
        return parts

    # --- Row by row, where a digest differs

    def _compare(self, cursor, table: Table, links: list[HistoryLink], parts: dict[int, list[Part]]) -> None:
        """A table that was sealed as a whole is compared as a whole; then link by link, as it was shaped at each."""
        if table.name not in self.shapes:
            return
        sealed = {link.position: part for link in links for part in parts[link.position] if part.table == table.name}
        since = self.since.get(table.name, 0)
        if since in sealed:
            self._compare_rows(cursor, table, sealed[since].columns, {since: sealed[since].hash}, {since: None})
        shape_now = tuple(self.shapes[table.name])
        by_shape: dict[tuple[str, ...], dict[int, UUID | None]] = defaultdict(dict)
        for link in links:
            if link.position > since and link.context:
                part = sealed.get(link.position)
                by_shape[part.columns if part else shape_now][link.position] = link.context
        for columns, contexts in by_shape.items():
            hashes = {position: sealed[position].hash for position in contexts if position in sealed}
            self._compare_rows(cursor, table, columns, hashes, contexts)

    def _compare_rows(
        self, cursor, table: Table, columns: tuple[str, ...], sealed: dict[int, str], contexts: dict[int, UUID | None]
    ) -> None:
        gone = set(columns) - self.shapes[table.name].keys()
        if gone:
            self._find(TAKEN, (f"column {column} of {table.name}" for column in sorted(gone)))
            return
        cursor.execute(DIGESTS.format(leaves=_leaves(table, columns, contexts)), _asked(contexts))
        now = dict(cursor.fetchall())
        for position in contexts:
            if now.get(position) != sealed.get(position):
                here = {position: contexts[position]}
                cursor.execute(ROWS.format(leaves=_leaves(table, columns, here)), _asked(here))
                rows = b"".join(bytes(leaf) for (leaf,) in cursor.fetchall())
                self._name(table, position, contexts[position], _by_number(rows))

    def _name(self, table: Table, position: int, context: UUID | None, now: dict[int, bytes]) -> None:
        kept = HistorySeal.objects.filter(link_id=position, table=table.name).values_list("leaves", flat=True).first()
        then = _by_number(bytes(kept or b""))
        for number in sorted(now.keys() | then.keys()):
            if now.get(number) != then.get(number):
                act = PUT_IN if number not in then else TAKEN if number not in now else CHANGED
                self._find(act, [f"context {context}" if table == CONTEXTS else _row(table, number)])


def _leaves(table: Table, columns: tuple[str, ...], contexts: dict[int, UUID | None]) -> str:
    return table.leaves(columns, THESE if all(contexts.values()) else ALL_BEFORE)


def _asked(contexts: dict[int, UUID | None]) -> list:
    """One position without a context stands for all contexts before it."""
    positions = list(contexts)
    return [list(contexts.values()), positions] if all(contexts.values()) else positions * 2


def _row(table: Table, number: int) -> str:
    return f"row {number} of {table.name}"


def _by_number(leaves: bytes) -> dict[int, bytes]:
    return dict(_split(leaves))


def _split(leaves: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(leaves), LEAF):
        leaf = leaves[start : start + LEAF]
        yield int.from_bytes(leaf[:NUMBER]), leaf[NUMBER:]
