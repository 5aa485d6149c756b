"""What is not kept for ever. Each part is harmless twice, and at the same time; `docs/operations.md` says all of it."""

import contextlib
import datetime
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from anso_portal.models import JoinRequest
from anso_portal.rewriting import NotAllowed, rewrite_tables
from anso_portal.searches import forget_unfollowed
from members.actions.applications import forget_unsent_applications
from members.actions.invitations import forget_old_invitations
from members.actions.messages import forget_old_messages
from notifications.models import TEXT_KEPT_FOR
from notifications.outbox import forget_old_mails, wipe_secrets
from proposals.actions.files import forget_files_taken_out
from toolkit.clock import database_now

logger = logging.getLogger(__name__)

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


def forget_mail_files() -> int:
    """Where mails become files, as long as the texts of mails are kept."""
    folder, last = Path(settings.EMAIL_FILE_PATH), (database_now() - TEXT_KEPT_FOR).timestamp()
    gone = 0
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):  # another one cleans up, too
            if path.stat().st_mtime < last:
                path.unlink()
                gone += 1
    return gone


def rewrite() -> int:
    try:
        return rewrite_tables()
    except NotAllowed as problem:
        logger.warning(str(problem))
        return 0


PARTS: dict[str, Callable[[], int]] = {
    "sessions that are over": forget_sessions,
    "network addresses of sessions": forget_networks,
    "requests to join accounts": forget_join_requests,
    "invitations": forget_old_invitations,
    "applications that nobody confirmed": forget_unsent_applications,
    "searches that nobody follows": forget_unfollowed,
    "messages between people": forget_old_messages,
    "secrets of mails": wipe_secrets,
    "texts of mails": forget_old_mails,
    "files of mails": forget_mail_files,
    "files taken out of proposals": forget_files_taken_out,
    "accounts erased from the files of the database": rewrite,
}


def clean_up() -> Iterator[tuple[str, int]]:
    """What it was, and how many rows of it."""
    for name, forget in PARTS.items():
        yield name, forget()
