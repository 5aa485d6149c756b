"""What is not kept for ever. Each part is harmless twice, and at the same time; `docs/operations.md` says all of it."""

import datetime
from collections.abc import Callable, Iterator

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from anso_portal.models import JoinRequest
from members.actions.applications import forget_unsent_applications
from members.actions.invitations import forget_old_invitations
from members.actions.messages import forget_old_messages
from notifications.outbox import forget_old_mails, wipe_secrets

NETWORK_KEPT_FOR = datetime.timedelta(days=30)
NOWHERE = "0.0.0.0"  # noqa: S104 (where an address was: the column takes no empty one)


def forget_sessions() -> int:
    """What somebody wrote to sign up, and never finished, lies sealed in a session."""
    SessionStore.clear_expired()
    known = Session.objects.values("session_key")
    return UserSession.objects.exclude(session_key__in=known).delete()[0]


def forget_networks() -> int:
    """From where and with what somebody signed in; the session itself goes on."""
    old = UserSession.objects.filter(last_seen_at__lte=Now() - NETWORK_KEPT_FOR)
    forgotten = {"ip": NOWHERE, "user_agent": ""}
    return old.exclude(**forgotten).update(**forgotten)


def forget_join_requests() -> int:
    return JoinRequest.objects.filter(expires_at__lte=Now()).delete()[0]


PARTS: dict[str, Callable[[], int]] = {
    "sessions that are over": forget_sessions,
    "network addresses of sessions": forget_networks,
    "requests to join accounts": forget_join_requests,
    "invitations": forget_old_invitations,
    "applications that nobody confirmed": forget_unsent_applications,
    "messages between people": forget_old_messages,
    "secrets of mails": wipe_secrets,
    "texts of mails": forget_old_mails,
}


def clean_up() -> Iterator[tuple[str, int]]:
    """What it was, and how many rows of it."""
    for name, forget in PARTS.items():
        yield name, forget()
