"""When a reader's mail programme is to stay silent, on the clock of the reader's own zone."""

import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo

from notifications.models import Subscriber


def zone_of(name: str) -> tzinfo:
    """UTC where the name is none."""
    try:
        return zoneinfo.ZoneInfo(name or "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo("UTC")


def end_of_quiet(reader: Subscriber, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` falls, or None. They may pass midnight; the end is not one of them.

    An end that the clock skips when summer time begins is the moment it skips to.
    """
    if reader.quiet_from is None or reader.quiet_until is None:
        return None
    local = now.astimezone(zone_of(reader.current_time_zone))
    at, begin, end = local.time(), reader.quiet_from, reader.quiet_until
    if not (begin <= at < end if begin < end else at >= begin or at < end):
        return None
    day = local.date() if at < end else local.date() + timedelta(days=1)
    wall = datetime.combine(day, end, tzinfo=local.tzinfo)
    moment = wall.astimezone(UTC)
    # The hour that comes twice when summer time ends: the second one, where the first has passed.
    return moment if moment > now else wall.replace(fold=1).astimezone(UTC)
