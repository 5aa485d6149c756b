from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from anso_portal.history import chain


@shared_task(name="anso_portal.seal_history")
def seal_history() -> None:
    """Every minute: what is one minute old can no longer be changed unnoticed."""
    chain.seal(lately=True)


@shared_task(name="anso_portal.seal_all_history")
def seal_all_history() -> None:
    """Every night: also what a transaction of more than a day wrote, or was brought back."""
    chain.seal()


@shared_task(name="anso_portal.forget_sessions")
def forget_sessions() -> None:
    """What somebody wrote to sign up, and never finished, lies sealed in a session."""
    SessionStore.clear_expired()
    known = Session.objects.values("session_key")
    UserSession.objects.exclude(session_key__in=known).delete()
