"""What becomes of a session: a new key whenever it may do more or less, and an end when nobody is there."""

import time

from allauth.account.internal.flows.login import get_authentication_records
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.http import HttpRequest

from accounts.models import User

ROLES, SEEN = "alliance_roles", "seen"
IDLE = 2 * 60 * 60  # of somebody with a role in the alliance
LONGEST = 12 * 60 * 60
STEP = 5 * 60  # Being there is written down no more often than this.


def now() -> float:
    return time.time()


def begin(request: HttpRequest, user: User) -> None:
    request.session[ROLES] = sorted(user.held_roles)


def renew_key(request: HttpRequest) -> None:
    """Whoever has come to know the key until now does not get what the session may do from here on."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)


def keep_alone(request: HttpRequest) -> None:
    """Only this session goes on: the others were begun with less."""
    renew_key(request)
    end_other_sessions(request, request.user)


def is_over(request: HttpRequest) -> bool:
    """For those who may do more than others: after hours without anybody there, and after a day of work."""
    records = get_authentication_records(request, request.user) if request.session.get(ROLES) else []
    if not records:
        return False
    seen = max(request.session.get(SEEN, 0), records[-1]["at"])
    if now() - seen > IDLE or now() - records[0]["at"] > LONGEST:
        return True
    if now() - seen > STEP:
        request.session[SEEN] = now()
    return False


class SessionMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and is_over(request):
            logout(request)
        response = self.get_response(request)
        if request.user.is_authenticated:
            self._follow_roles(request)
        return response

    def _follow_roles(self, request) -> None:
        """Where this request has asked for the roles: others would cost a statement each."""
        noted, held = request.session.get(ROLES), request.user.roles_asked_for
        if noted is not None and held is not None and set(noted) != held:
            request.session[ROLES] = sorted(held)
            renew_key(request)
