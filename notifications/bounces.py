"""Mail that comes back, and readers who call it spam: RFC 3464 reports and RFC 5965 complaints stop an address.

A report is believed where it names the Message-ID of a mail of ours, which nobody knows but its reader; mail that waits
for a code or a link goes on, since somebody has just asked for it.
"""

import contextlib
import email
import email.policy
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models.functions import Now

from notifications.models import Delivery, Subscriber

LARGEST = 5_000_000  # bytes of a report; the rest of a larger one is not read
OURS = re.compile("<([0-9a-f]{32})@")
State = Delivery.State


@dataclass(frozen=True)
class Report:
    """`state` is what becomes of the delivery; without one, the mail is only late and nothing is to be done."""

    message_id: str
    state: str
    reason: str


def read_report(raw: bytes) -> Report | None:
    """None where it is no such report, or names no mail."""
    try:
        message = email.message_from_bytes(raw[:LARGEST], policy=email.policy.compat32)
        parts = {part.get_content_type(): part for part in message.walk()}
        message_id = _original(parts)
        if not message_id:
            return None
        if status := parts.get("message/delivery-status"):
            return _of_status(message_id, status)
        if complaint := parts.get("message/feedback-report"):
            return Report(
                message_id, State.COMPLAINED, f"Complaint: {_fields(complaint).get('feedback-type', 'abuse')}"
            )
    except (ValueError, LookupError, TypeError, AttributeError):  # what the mail library makes of broken mail
        return None
    return None


def _of_status(message_id: str, status) -> Report:
    """The block of the one recipient comes after that of the message."""
    fields = _fields(status)
    failed = fields.get("action", "").lower() == "failed" or fields.get("status", "").startswith("5")
    reason = fields.get("diagnostic-code") or fields.get("status") or "no reason given"
    return Report(message_id, State.BOUNCED if failed else "", reason)


def _fields(part) -> dict[str, str]:
    """Of all blocks; programs write them as messages in the part, or as its text."""
    payload = part.get_payload()
    blocks = payload if isinstance(payload, list) else [email.message_from_string(str(payload))]
    return {name.lower(): " ".join(str(value).split()) for block in blocks for name, value in block.items()}


def _original(parts: dict) -> str:
    """The Message-ID of the mail that is returned, whole or as its headers."""
    returned = parts.get("text/rfc822-headers") or parts.get("message/rfc822")
    if returned is None:
        return ""
    payload = returned.get_payload()
    first = payload[0] if isinstance(payload, list) else email.message_from_string(str(payload))
    return " ".join(str(first.get("Message-ID", "")).split())


@transaction.atomic
def record(report: Report) -> bool:
    """Note it at the mail, and write no announcement to its address any more. Says whether it is a mail of ours."""
    found = OURS.match(report.message_id)
    if found is None:
        return False
    # The identity has an index, and a Message-ID is made of its beginning.
    rows = Delivery.objects.filter(idem__startswith=found[1], message_id=report.message_id)
    row = rows.only("pk", "address", "subscriber").first()
    if row is None:
        return False
    if report.state:
        Delivery.objects.filter(pk=row.pk, state__in=[State.SENT, State.BOUNCED]).update(
            state=report.state, last_error=report.reason.replace("\x00", "")[:1000]
        )
        Subscriber.objects.filter(deliveries=row).update(refused_address=row.address, refused_at=Now())
    return True


def read_folder(folder: Path) -> Counter:
    """A Maildir, or a folder of messages: each is read and taken away. How many were what."""
    found: Counter = Counter()
    places = [folder / name for name in ("new", "cur") if (folder / name).is_dir()] or [folder]
    for path in (path for place in places for path in sorted(place.iterdir()) if path.is_file()):
        with contextlib.suppress(FileNotFoundError):  # another one reads it, too
            with path.open("rb") as file:
                found[read_message(file.read(LARGEST))] += 1
            path.unlink()
    return found


def read_message(raw: bytes) -> str:
    """What it was: `bounced`, `complained`, `late`, or `other` where it is no report of a mail of ours."""
    report = read_report(raw)
    if report is None or not record(report):
        return "other"
    return str(report.state or "late")
