"""Asks one address as one person; whatever the request changes is taken back, in the browser too."""

from http.cookies import SimpleCookie

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from tests.matrix.addresses import addresses
from tests.matrix.cells import METHODS, SECOND_FACTOR, SIGN_IN, Answer
from tests.matrix.roles import ANONYMOUS, ROLES
from tests.matrix.table import ROWS

NAMES = addresses()


def address_of(key: str, world) -> str:
    return NAMES[key.partition(" [")[0]].at(**ROWS[key].path(world)) + ROWS[key].query


def opens(key: str, method: str, role: str) -> bool:
    return not ROWS[key].expected(method, role) & {404, 405, SIGN_IN, SECOND_FACTOR, 403}


def breakage(response: HttpResponse) -> str:
    """What went wrong where the portal answers that something did; empty for every other answer."""
    if response.status_code < 500:
        return ""
    problem = response.exc_info[1] if response.exc_info else None
    while problem is not None and problem.__traceback__.tb_next:
        problem = problem.with_traceback(problem.__traceback__.tb_next)
    place = problem.__traceback__.tb_frame.f_code if problem else None
    return f"{response.status_code}: {problem!r:.300} in {place.co_filename}:{place.co_name}" if place else "5xx"


class Browsers:
    """One for each role, signed in once."""

    def __init__(self, world):
        self.world, self.clients, self.cookies = world, {}, {}
        for role in ROLES:
            self.clients[role] = client = Client(raise_request_exception=False)
            if role != ANONYMOUS:
                client.force_login(world.people[role])
            self.cookies[role] = {name: cookie.value for name, cookie in client.cookies.items()}

    def ask(self, role: str, method: str, address: str, data: dict | None = None) -> HttpResponse:
        client = self.clients[role]
        with transaction.atomic():
            response = getattr(client, method.lower())(address, data or {})
            transaction.set_rollback(True)
        if response.cookies:
            client.cookies = SimpleCookie(self.cookies[role])
        return response

    def differences(self, key: str, methods=METHODS) -> list[str]:
        """Where the answers of this row are not those that it declares."""
        wrong = []
        for role in ROLES:
            cache.clear()  # or somebody asks too often
            for method in methods:
                given, expected = self.answer(role, method, key), ROWS[key].expected(method, role)
                if given not in expected:
                    wrong.append(f"{method} {key} as {role}: {given}, not {expected}")
        return wrong

    def answer(self, role: str, method: str, key: str) -> Answer:
        row = ROWS[key]
        data = row.data(self.world) if method == "POST" else {}
        response = self.ask(role, method, address_of(key, self.world), data)
        if response.status_code in (301, 302, 303):
            if response["Location"].startswith("/accounts/login/"):
                return SIGN_IN
            if response["Location"].startswith("/accounts/2fa/"):
                return SECOND_FACTOR
        return response.status_code
