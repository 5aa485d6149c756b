"""Batches of records into the database, each in one transaction and by bulk statements, never a record at a time.

Relations are written at the end, when all records are in: a record may name one that comes later in the file. Until
then they wait in memory, some 250 bytes each. A run that was broken off is completed by the next one, because records
that have not changed state their relations again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date
from itertools import islice

from members.actions.names import columns_of_names
from members.models import (
    Institution,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
)
from members.ror import writing
from members.ror.mapping import Edge, Mapped, NameRow, Refused, map_record
from members.ror.reading import Entry
from members.ror.report import Refusal, Report
from toolkit.clock import database_today
from toolkit.history import context
from toolkit.names import slugify, unique_slugs
from vocabularies.models import Country, Source

BATCH = 2000
TWICE = "stands in the file twice"
TAKEN_UP = "was merged with another record here"

Display, Label = InstitutionName.Kind.DISPLAY, InstitutionName.Kind.LABEL
Progress = Callable[[Report], None]


def ror_source() -> Source:
    source, _made = Source.objects.get_or_create(
        slug="ror",
        defaults={"name": "Research Organization Registry (ROR)", "url": "https://ror.org", "licence": "CC0 1.0"},
    )
    return source


def import_records(
    records: Iterable[dict],
    *,
    source_seen_on: date | None = None,
    file: str = "",
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Report:
    """Take over records of ROR's schema v2; one that was taken over before and has not changed since is left alone.

    `source_seen_on` (today by default) stands where a record does not say when it was last modified.
    """
    run = _Run(source_seen_on, dry_run)
    entries = (Entry(number, record) for number, record in enumerate(records, 1))
    return run.through(_batches(entries, batch, run.countries), file, progress)


def import_file(
    entries: Iterable[Entry],
    *,
    file: str = "",
    dry_run: bool = False,
    batch: int = BATCH,
    progress: Progress | None = None,
) -> Report:
    """The same for `reading.RorFile`, which tells as well what it could not read."""
    run = _Run(None, dry_run)
    return run.through(_ahead(_batches(entries, batch, run.countries)), file, progress)


def _batches(entries: Iterable[Entry], size: int, countries: set[str]) -> Iterator[list[Mapped | Refusal]]:
    mapped = (_map(entry, countries) for entry in entries)
    while batch := list(islice(mapped, size)):
        yield batch


def _map(entry: Entry, countries: set[str]) -> Mapped | Refusal:
    if entry.reason:
        return Refusal(entry.number, "", entry.reason, entry.detail)
    try:
        return map_record(entry.record, countries, entry.number)
    except Refused as refused:
        return Refusal(entry.number, refused.ror, refused.reason, refused.detail)


def _ahead(batches: Iterator[list]) -> Iterator[list]:
    """Prepares the next batch while the database writes this one: a third of the time. The thread asks no database."""
    with ThreadPoolExecutor(1) as worker:
        waiting = worker.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = worker.submit(next, batches, None)
            yield batch


class _Run:
    def __init__(self, source_seen_on: date | None, dry_run: bool):
        self.report = Report()
        self.dry_run = dry_run
        self.seen_on = source_seen_on or database_today()
        self.countries: set[str] = set(Country.objects.values_list("pk", flat=True))
        self.slugs = set(Institution.objects.order_by().values_list("slug", flat=True))
        self.slugs |= set(InstitutionRedirect.objects.order_by().values_list("slug", flat=True))
        self.taken: set[str] = set()
        self.edges: set[Edge] = set()
        self.ended: set[Edge] = set()

    def through(self, batches: Iterable[list[Mapped | Refusal]], file: str, progress: Progress | None) -> Report:
        with context(source="ROR import", file=file):
            for batch in batches:
                self._take(list(self._accept(batch)))
                if progress:
                    progress(self.report)
            self._relate()
        return self.report

    def _accept(self, batch: list[Mapped | Refusal]) -> Iterator[Mapped]:
        for item in batch:
            if isinstance(item, Mapped) and item.ror in self.taken:
                item = Refusal(item.number, item.ror, TWICE, "")
            if isinstance(item, Refusal):
                self.report.refuse(item)
                continue
            self.taken.add(item.ror)
            self.edges.update(item.relations)
            yield item

    def _take(self, records: list[Mapped]) -> None:
        with self._transaction():
            records = self._without_merged(records)
            rors = [record.ror for record in records]
            held = dict(Institution.objects.filter(ror__in=rors).order_by().values_list("ror", "ror_digest"))
            new = [record for record in records if record.ror not in held]
            changed = [record for record in records if held.get(record.ror, record.digest) != record.digest]
            if changed:
                self._end_relations(changed)
            if not self.dry_run and (new or changed):
                self._write(new, changed)
        self.report.created += len(new)
        self.report.updated += len(changed)
        self.report.unchanged += len(records) - len(new) - len(changed)

    def _without_merged(self, records: list[Mapped]) -> list[Mapped]:
        """What was taken up in another record here does not come back as one of its own."""
        merged = InstitutionIdentifier.objects.filter(
            scheme=InstitutionIdentifier.Scheme.ROR, value__in=[record.ror for record in records]
        )
        taken_up = set(merged.values_list("value", flat=True))
        for record in records:
            if record.ror in taken_up:
                self.report.refuse(Refusal(record.number, record.ror, TAKEN_UP, ""))
        return [record for record in records if record.ror not in taken_up]

    def _transaction(self):
        """Others may read meanwhile, and write after it: two imports, or an import and an editor, take turns."""
        return nullcontext() if self.dry_run else writing.locked()

    def _write(self, new: list[Mapped], changed: list[Mapped]) -> None:
        rows = [
            writing.InstitutionRow(
                record, slug, columns_of_names(names=_pairs(record.names), ror=record.ror), record.names
            )
            for record, slug in zip(new, self._new_slugs(new), strict=True)
        ]
        rows += self._changed_rows(changed)
        writing.write(rows, source=ror_source().pk, seen_on=self.seen_on)

    def _new_slugs(self, new: list[Mapped]) -> list[str]:
        wanted = [(slugify(record.display_name, fallback=record.ror), record.country) for record in new]
        while True:
            slugs = unique_slugs(wanted, self.slugs)
            # What others wrote since this run began.
            clashes = set(Institution.objects.filter(slug__in=slugs).order_by().values_list("slug", flat=True))
            clashes |= set(InstitutionRedirect.objects.filter(slug__in=slugs).order_by().values_list("slug", flat=True))
            self.slugs |= clashes or set(slugs)
            if not clashes:
                return slugs

    def _changed_rows(self, changed: list[Mapped]) -> Iterator[writing.InstitutionRow]:
        held: dict[str, list[tuple[NameRow, str]]] = defaultdict(list)
        rors = [record.ror for record in changed]
        names = InstitutionName.objects.filter(institution__ror__in=rors).order_by("origin", "pk")
        columns = ("institution__ror", "origin", "kind", "value", "language")
        for ror, origin, kind, value, language in names.values_list(*columns):
            held[str(ror)].append((NameRow(kind, value, language), origin))
        further = defaultdict(list)
        for ror, value in (
            InstitutionIdentifier.objects.filter(scheme=InstitutionIdentifier.Scheme.ROR, institution__ror__in=rors)
            .order_by("pk")
            .values_list("institution__ror", "value")
        ):
            further[ror].append(value)
        for record in changed:
            ours = [name for name, origin in held[record.ror] if origin == InstitutionName.Origin.PORTAL]
            theirs = record.names
            if any(name.kind == Display for name in ours):
                theirs = list(dict.fromkeys(n._replace(kind=Label.value) if n.kind == Display else n for n in theirs))
            staying = [name for name, _origin in held[record.ror] if name in ours or name in theirs]
            names_now = _pairs(dict.fromkeys([*staying, *theirs]))
            follows = columns_of_names(names=names_now, ror=record.ror, further=further[record.ror])
            yield writing.InstitutionRow(record, None, follows, theirs)

    def _end_relations(self, changed: list[Mapped]) -> None:
        """What ROR said of these records before and nobody in the file says any more."""
        rors = [record.ror for record in changed]
        theirs = InstitutionRelation.objects.filter(origin=InstitutionName.Origin.ROR)
        stale: dict[int, Edge] = {}
        for end in ("institution", "other"):
            rows = theirs.filter(**{f"{end}__ror__in": rors})
            for pk, one, kind, other in rows.values_list("pk", "institution__ror", "kind", "other__ror"):
                edge = Edge(str(one), kind, str(other))
                if edge not in self.edges:
                    stale[pk] = edge
        self.ended.update(stale.values())
        self.report.relations_ended = len(self.ended)
        if not self.dry_run:
            InstitutionRelation.objects.filter(pk__in=stale).delete()

    def _relate(self) -> None:
        """Relations between records that are both held; the others are counted, and made when the other one comes."""
        strangers = {ror for edge in self.edges for ror in (edge.ror, edge.other)} - self.taken
        strangers -= writing.held_among(strangers)
        wanted = {edge for edge in self.edges if edge.ror not in strangers and edge.other not in strangers}
        self.report.relations_not_held = len(self.edges) - len(wanted)
        with self._transaction():
            held = set(
                InstitutionRelation.objects.filter(institution__ror__isnull=False, other__ror__isnull=False)
                .order_by()
                .values_list("institution__ror", "kind", "other__ror")
            )
            held -= self.ended
            new = [edge for edge in wanted if edge not in held and not _stands_the_other_way(edge, held)]
            self.report.relations_made = len(new)
            if new and not self.dry_run:
                writing.write_relations(sorted(new))


def _pairs(names: Iterable[NameRow]) -> list[tuple[str, str]]:
    return [(name.kind, name.value) for name in names]


def _stands_the_other_way(edge: Edge, held: set) -> bool:
    return edge.kind == InstitutionRelation.Kind.RELATED and (edge.other, edge.kind, edge.ror) in held
