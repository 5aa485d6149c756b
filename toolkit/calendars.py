"""Calendar files (RFC 5545): entries of the apps, written in one way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import icalendar
from django.conf import settings
from django.http import HttpResponse


@dataclass(frozen=True)
class Entry:
    """A moment, or days: the last one is part of it. `uid` names it for ever; `address` is site-relative."""

    uid: str
    summary: str
    at: datetime | date
    address: str
    until: date | None = None
    text: str = ""
    changed_at: datetime | None = None


def calendar_response(name: str, entries: Iterable[Entry], *, title: str = "") -> HttpResponse:
    """`name` is that of the file; a `title` is what programs call a calendar to which somebody subscribes."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//alliance portal//EN")
    calendar.add("version", "2.0")
    if title:
        calendar.add("x-wr-calname", title)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry))
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


def _event(entry: Entry) -> icalendar.Event:
    address = f"{settings.PORTAL_BASE_URL}{entry.address}"
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@{settings.PORTAL_BASE_URL.partition('://')[2]}")
    moment = entry.at if isinstance(entry.at, datetime) else datetime(*entry.at.timetuple()[:3], tzinfo=UTC)
    event.add("dtstamp", (entry.changed_at or moment).astimezone(UTC))
    event.add("dtstart", entry.at.astimezone(UTC) if isinstance(entry.at, datetime) else entry.at)
    if entry.until:
        event.add("dtend", entry.until + timedelta(days=1))  # the first day that is no part of it
    event.add("summary", entry.summary)
    event.add("description", f"{entry.text}\n{address}".strip())
    event.add("url", address)
    return event
