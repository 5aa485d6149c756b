"""What stands in a mail, in the language and time zone of whom it goes to, and the bytes that leave."""

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.utils import format_datetime
from io import BytesIO
from itertools import starmap

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import get_supported_language_variant, ngettext
from django.utils.translation import gettext as _

from notifications import kinds, topics
from notifications.links import Wish, absolute, confirm_url, mine_path, stop_url
from notifications.models import Delivery, Notification, Subscriber
from notifications.quiet import zone_of
from notifications.transport import ascii_address
from toolkit.sealing import unseal


@dataclass(frozen=True)
class Letter:
    """The parts that every mail of the portal is made of. User text in them is text: nothing in it becomes a link."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    button: tuple[str, str] | None = None  # what it says, absolute address
    sections: tuple[tuple[str, tuple["Line", ...]], ...] = ()  # what they are about, and what happened
    reason: str = ""
    stop: tuple[str, str] | None = None
    reply_to: str = ""  # only in sensitive mails: those that are kept have no place for it


@dataclass(frozen=True)
class Line:
    """One thing of several that a mail tells."""

    text: str
    address: str  # absolute, or nothing
    reason: str = ""
    stop: tuple[str, str] | None = None


DIGEST, CONFIRM = "digest", "notifications.confirm"  # purposes of mails that no kind of event names

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
_read_once: ContextVar[Mapping | None] = ContextVar("branding", default=None)


def use_branding(source: Callable[[], Mapping]) -> None:
    """Name and colours as the administrator has changed them; until told otherwise, those of the settings."""
    global _branding
    _branding = source


def portal() -> Mapping:
    return _read_once.get() or _branding()


def alliance_name() -> str:
    return str(portal()["alliance"])


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
    zone = zone_of(subscriber.current_time_zone if subscriber else settings.TIME_ZONE)
    with translation.override(language), timezone.override(zone):
        yield


def announcement(row: Delivery) -> Letter:
    """What happened, from the facts that the event froze, and why this reader is told."""
    told: Notification | None = next(iter(row.notifications.all()), None)
    if told is None:
        raise ObsoleteError("What it was to tell is gone.")
    kind, facts = kinds.get(told.event.kind), told.event.facts
    assert row.subscriber  # Only sign-in mails have none.
    reason, stop = why(told, row.subscriber)
    opening = kind.opening(facts)
    button = (_("Open in the portal"), told.event.address) if told.event.address else None
    if kind.way:
        button = kind.way(told.event, row.subscriber)
    return Letter(
        subject=kind.headline(facts),
        heading=str(facts.get("title", "")),
        paragraphs=(opening,) if opening else (),
        rows=tuple(kind.shown_rows(facts)),
        sections=tuple((label, tuple(starmap(line, told))) for label, told in kind.lines(facts)),
        button=(button[0], absolute(button[1])) if button else None,
        reason=reason,
        stop=stop,
    )


def line(words: str, address: str) -> Line:
    return Line(words, absolute(address) if address else "")


def why(told: Notification, reader: Subscriber) -> tuple[str, tuple[str, str]]:
    """Why a reader is told, and what ends it: words and address."""
    if told.topic:
        reason = _("You get this because you follow %(topic)s.") % {"topic": told.reason}
        return reason, (_("Stop this"), stop_url(reader, topic=told.topic))
    reason = _("You get this because it concerns what you do in the portal.")
    return reason, (_("No more mail of this kind"), stop_url(reader, kind=told.event.kind))


def digest(row: Delivery) -> Letter:
    """All that waited for this mail, by area; within one in the order in which it happened."""
    told = sorted(row.notifications.all(), key=lambda one: one.event_id)
    if not told:
        raise ObsoleteError("Its reader has stopped all that it was to tell.")
    assert row.subscriber
    by_area: dict[str, list[Line]] = {}
    for one in told:
        reason, stop = why(one, row.subscriber)
        kind, facts = kinds.get(one.event.kind), one.event.facts
        head = replace(line(one.event.headline, one.event.address), reason=reason, stop=stop)
        listed = [line(f"{label}: {words}", address) for label, lines in kind.lines(facts) for words, address in lines]
        by_area.setdefault(str(kind.area.label), []).extend([head, *listed])
    number = len(told)
    subject = ngettext("%(n)d thing is new at %(alliance)s", "%(n)d things are new at %(alliance)s", number)
    return Letter(
        subject=subject % {"n": number, "alliance": portal()["name"]},
        heading=_("What is new"),
        sections=tuple((area, tuple(by_area[area])) for area in sorted(by_area)),
        reason=_("You asked for these in one mail."),
        stop=(_("No more of these mails"), stop_url(row.subscriber, kind=row.purpose)),
    )


register_writer(DIGEST, digest)


def confirmation(row: Delivery) -> Letter:
    """Asks whoever has the mailbox whether it was they who asked."""
    wish = Wish(**row.context)
    topic = topics.resolve(wish.topic)
    if topic is None:
        raise ObsoleteError("There is no such topic any more.")
    return Letter(
        subject=_("Do you want to follow %(topic)s?") % {"topic": topic.label},
        heading=_("Follow %(topic)s?") % {"topic": topic.label},
        paragraphs=(
            _(
                "Somebody, perhaps you, asked that news of it be sent to this address. Nothing is sent until you say yes."
            ),
            _("The link holds for three days. If it was not you, you need not do anything."),
        ),
        button=(_("Yes, follow it"), confirm_url(wish)),
    )


register_writer(CONFIRM, confirmation)


@contextmanager
def many():
    """What is the same in many mails is read once for all of them: the alliance's words, name and colours."""
    before = _read_once.set(_branding())
    try:
        with kinds.texts_read_once():
            yield
    finally:
        _read_once.reset(before)


def is_announced(row: Delivery) -> bool:
    """And not a mail that somebody waits for, such as a code to sign in with."""
    return row.purpose == DIGEST or kinds.is_known(row.purpose)


def write(row: Delivery) -> dict[str, str]:
    """Subject, text, HTML and stop link of a delivery, ready to be stored."""
    with reader_of(row):
        letter = _writers.get(row.purpose, announcement)(row)
        context = {
            "letter": letter,
            "portal": portal(),
            "base_url": settings.PORTAL_BASE_URL,
            "mine_url": absolute(mine_path(row.subscriber)) if row.subscriber else "",
        }
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


def _encoded(subject: str) -> str:
    """What somebody typed in the form of an encoded word is shown as typed, not decoded."""
    return Header(subject, UTF8).encode(maxlinelen=0) if "=?" in subject else subject


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
        subject=_encoded(content["subject"]),
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
