"""What stands in a mail, in the language and time zone of whom it goes to, and the bytes that leave."""

import re
import zoneinfo
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.utils import format_datetime
from io import BytesIO

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from notifications import kinds, topics
from notifications.models import Delivery, Notification, Subscriber
from notifications.transport import ascii_address
from toolkit.sealing import unseal

STOP_SALT = "notifications.stop"


@dataclass(frozen=True)
class Letter:
    """The parts that every mail of the portal is made of. User text in them is text: nothing in it becomes a link."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] | None = None  # what it says, absolute address
    reason: str = ""
    stop: tuple[str, str] | None = None
    reply_to: str = ""  # only in sensitive mails: those that are kept have no place for it


Writer = Callable[[Delivery], Letter]
_writers: dict[str, Writer] = {}


def register_writer(purpose: str, writer: Writer) -> None:
    """What stands in the mails of `actions.post_mail` with this purpose."""
    _writers[purpose] = writer


class ObsoleteError(Exception):
    """Raised by a writer: there is nothing to tell any more."""


def _settings_branding() -> Mapping:
    return settings.PORTAL


def secret_of(row: Delivery) -> str:
    """What `post_mail` was given as secret, while it may be used."""
    secret = unseal(row.secret) if row.secret else None
    if secret is None:
        raise ObsoleteError("The secret in it was sent already, or its time is over.")
    return secret


_branding: Callable[[], Mapping] = _settings_branding


def use_branding(source: Callable[[], Mapping]) -> None:
    """Name and colours as the administrator has changed them; until told otherwise, those of the settings."""
    global _branding
    _branding = source


def alliance_name() -> str:
    return str(_branding()["alliance"])


def absolute(address: str) -> str:
    """Links in mails come from the settings alone, never from a request."""
    return f"{settings.PORTAL_BASE_URL}{address}" if address.startswith("/") else settings.PORTAL_BASE_URL


# --- Links that stop a mail without signing in


def stop_url(subscriber: Subscriber, *, topic: str = "", kind: str = "") -> str:
    token = signing.Signer(salt=STOP_SALT).sign_object([subscriber.token, topic, kind], compress=True)
    return absolute(reverse("notifications:stop", args=[token]))


def read_stop_token(token: str) -> tuple[Subscriber, str, str] | None:
    """Subscriber, topic and kind (one of them empty), or None where the link is not ours or no longer holds."""
    try:
        key, topic, kind = signing.Signer(salt=STOP_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    subscriber = Subscriber.objects.select_related("user").filter(token=key).first()
    return (subscriber, topics.current(topic), kind) if subscriber else None


# --- Writing


@contextmanager
def reader_of(row: Delivery):
    """The language and time zone of whom the mail goes to; the portal's own where they are unknown."""
    subscriber = row.subscriber
    language = subscriber.current_language if subscriber else row.context.get("language", settings.LANGUAGE_CODE)
    try:
        language = get_supported_language_variant(language)
    except LookupError:
        language = settings.LANGUAGE_CODE
    try:
        zone = zoneinfo.ZoneInfo(subscriber.current_time_zone if subscriber else settings.TIME_ZONE)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = zoneinfo.ZoneInfo("UTC")
    with translation.override(language), timezone.override(zone):
        yield


def announcement(row: Delivery) -> Letter:
    """What happened, from the facts that the event froze, and why this reader is told."""
    told: Notification = row.notifications.select_related("event").order_by("pk")[0]
    kind, facts = kinds.get(told.event.kind), told.event.facts
    assert row.subscriber  # Only sign-in mails have none.
    if told.topic:
        reason = _("You get this because you follow %(topic)s.") % {"topic": told.reason}
        stop = (_("Stop this"), stop_url(row.subscriber, topic=told.topic))
    else:
        reason = _("You get this because it concerns what you do in the portal.")
        stop = (_("No more mail of this kind"), stop_url(row.subscriber, kind=kind.name))
    opening = kind.opening(facts)
    button = (_("Open in the portal"), told.event.address) if told.event.address else None
    if kind.way:
        button = kind.way(told.event, row.subscriber)
    return Letter(
        subject=kind.headline(facts),
        heading=str(facts.get("title", "")),
        paragraphs=(opening,) if opening else (),
        rows=tuple(kind.shown_rows(facts)),
        button=(button[0], absolute(button[1])) if button else None,
        reason=reason,
        stop=stop,
    )


def write(row: Delivery) -> dict[str, str]:
    """Subject, text, HTML and stop link of a delivery, ready to be stored."""
    with reader_of(row):
        letter = _writers.get(row.purpose, announcement)(row)
        context = {"letter": letter, "portal": _branding(), "base_url": settings.PORTAL_BASE_URL}
        return {
            "subject": one_line(letter.subject),
            "body_text": tidy(render_to_string("emails/letter.txt", context)),
            "body_html": render_to_string("emails/letter.html", context),
            "stop_url": letter.stop[1] if letter.stop else "",
            **({"reply_to": letter.reply_to} if letter.reply_to else {}),
        }


CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]+")


def one_line(text: str, length: int = 250) -> str:
    """A header has one line and no character that hides or turns others."""
    line = " ".join(CONTROL.sub(" ", text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def tidy(text: str) -> str:
    """What `{% if %}` leaves behind in a text: blanks at line ends and more than one empty line."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


# --- Bytes

UTF8 = Charset("utf-8")
UTF8.body_encoding = QP


def as_bytes(row: Delivery, content: dict[str, str]) -> bytes:
    """The message; the same bytes for the same row and content, whenever it is made."""
    headers = {
        "Message-ID": row.message_id,
        "Date": format_datetime(row.created_at),
        "X-Portal-Delivery": row.idem[:32],
        "Auto-Submitted": "auto-generated",
    }
    if content["stop_url"]:
        headers["List-Unsubscribe"] = f"<{content['stop_url']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email = EmailMultiAlternatives(
        subject=content["subject"],
        body=content["body_text"],
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[ascii_address(row.address)],
        reply_to=[ascii_address(content["reply_to"])] if content.get("reply_to") else None,
        headers=headers,
    )
    email.encoding = UTF8
    email.attach_alternative(content["body_html"], "text/html")
    message = email.message()
    message.set_boundary(f"=_{row.idem[:32]}")
    lines = BytesIO()
    # Without a greatest length: folding at once after a header's name is allowed, and read wrongly by some.
    BytesGenerator(lines, mangle_from_=False, maxheaderlen=0).flatten(message, linesep="\r\n")
    return lines.getvalue()
