"""A history as a file: one row for each field that changed, the newest first, streamed however many there are."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from django.db import models
from django.http import StreamingHttpResponse

from accounts.history.reading import CHUNK, Names, Part, Reader, Source, changes_of, events_of, sources_for, sources_of
from toolkit.listing.exports import guard

# Their names and order are a promise.
COLUMNS = ("at", "who", "reason", "record", "number", "act", "what", "before", "after", "context")
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def record_file(
    kind: str, name: str, record: models.Model, parts: Iterable[Part], reader: Reader
) -> StreamingHttpResponse:
    return _file(kind, name, sources_of(record, parts), reader, record)


def period_file(kind: str, name: str, since: datetime, until: datetime, reader: Reader) -> StreamingHttpResponse:
    """What was recorded from one moment up to, and not with, another, as far as the reader may know of it."""
    condition = "event.pgh_created_at >= %s AND event.pgh_created_at < %s"
    return _file(kind, name, sources_for(reader.user, condition, (since, until)), reader, None)


def _file(
    kind: str, name: str, sources: list[Source], reader: Reader, record: models.Model | None
) -> StreamingHttpResponse:
    write = {"csv": _csv, "json": _json}[kind]
    response = StreamingHttpResponse(write(_rows(sources, reader, record)), content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _rows(sources: list[Source], reader: Reader, record: models.Model | None) -> Iterator[tuple]:
    events = events_of(sources)
    while chunk := list(islice(events, CHUNK)):
        names = Names(chunk, sources, reader)
        for event in chunk:
            tracked = sources[event.source].events.pgh_tracked_model  # type: ignore[attr-defined]
            at = event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            told = at, names.who(event.facts), names.why(event.facts)
            kept = str(tracked._meta.verbose_name), event.record, event.label
            for change in changes_of(event, sources[event.source].events, names, record):
                yield *told, *kept, str(change.field), change.before, change.after, str(event.context or "")


class _Echo:
    """Gives each line to whoever asks for the next one."""

    def write(self, line: str) -> str:
        return line


def _csv(rows: Iterator[tuple]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow(map(guard, row))


def _json(rows: Iterator[tuple]) -> Iterator[str]:
    before = "[\n"
    for row in rows:
        yield before + json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
