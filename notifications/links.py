"""The signed links that stand in mails: whoever holds one has the mailbox, and need not sign in."""

import re
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from notifications import topics
from notifications.models import Subscriber

STOP, MINE, FOLLOW = "notifications.stop", "notifications.mine", "notifications.follow"
TO_CONFIRM_IN = timedelta(days=3)


KEYS = re.compile(r"(/(?:notifications/(?:stop|mine|follow)|members/apply|members/confirm)/)[^/\s]+")


def without_keys(text: str) -> str:
    """A mail for the eyes of somebody else: whoever has such a link may act as its reader."""
    return KEYS.sub(r"\1…", text)


def absolute(address: str) -> str:
    """Links in mails come from the settings alone, never from a request."""
    return f"{settings.PORTAL_BASE_URL}{address}" if address.startswith("/") else settings.PORTAL_BASE_URL


def stop_url(subscriber: Subscriber, *, topic: str = "", kind: str = "") -> str:
    token = signing.Signer(salt=STOP).sign_object([subscriber.token, topic, kind], compress=True)
    return absolute(reverse("notifications:stop", args=[token]))


def read_stop_token(token: str) -> tuple[Subscriber, str, str] | None:
    """Subscriber, topic and kind (one of them empty), or None where the link is not ours or no longer holds."""
    try:
        key, topic, kind = signing.Signer(salt=STOP).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    subscriber = Subscriber.objects.select_related("user").filter(token=key).first()
    return (subscriber, topics.current(topic), kind) if subscriber else None


# --- Calendars


def calendar_url(subscriber: Subscriber) -> str:
    """Of the own dates; empty until the reader asked for it."""
    token = subscriber.calendar_token
    return absolute(f"/desk/calendar.ics?token={token}") if token else ""


def read_calendar_token(token: str) -> User | None:
    if not token or "\x00" in token:
        return None
    subscriber = Subscriber.objects.select_related("user").filter(calendar_token=token, user__is_active=True).first()
    return subscriber.user if subscriber else None


# --- What an address alone follows


def mine_path(subscriber: Subscriber) -> str:
    """Where a reader says what to hear of, and how: after signing in, or by the link alone for an address alone."""
    if subscriber.user_id:
        return reverse("notifications:preferences")
    return reverse("notifications:mine", args=[signing.Signer(salt=MINE).sign(subscriber.token)])


def read_mine_token(token: str) -> Subscriber | None:
    try:
        key = signing.Signer(salt=MINE).unsign(token)
    except signing.BadSignature:
        return None
    return Subscriber.objects.filter(token=key, user__isnull=True).first()


@dataclass(frozen=True)
class Wish:
    """What somebody asked for who has not shown yet that the address is theirs. Nothing is stored of it."""

    address: str
    topic: str
    language: str
    time_zone: str


def confirm_url(wish: Wish) -> str:
    token = signing.dumps(asdict(wish), salt=FOLLOW, compress=True)
    return absolute(reverse("notifications:confirm", args=[token]))


def read_confirm_token(token: str) -> Wish | None:
    """None where it is not ours, or older than three days."""
    try:
        return Wish(**signing.loads(token, salt=FOLLOW, max_age=TO_CONFIRM_IN))
    except (signing.BadSignature, ValueError, TypeError):
        return None
