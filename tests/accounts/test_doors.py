"""What surrounds signing in: where it leads, what it asks for, how often, and what becomes of a session."""

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from accounts.models import AllianceRole
from anso_portal import sessions
from anso_portal.tasks import forget_sessions
from notifications.emails import _writers
from notifications.models import Delivery
from notifications.sender import drain
from tests.factories import PASSWORD, UserFactory
from tests.notifications.conftest import parse
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db

SIGN_IN, SIGN_OUT, DESK = reverse("account_login"), reverse("account_logout"), reverse("anso_portal:desk")
ASK, CONFIRM, SIGN_UP = (
    reverse(name) for name in ("account_request_login_code", "account_confirm_login_code", "account_signup")
)
NEW_PASSWORD = "another horse another battery"


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {}


@pytest.fixture
def unlimited(settings):
    settings.ACCOUNT_RATE_LIMITS = False


def member(**fields):
    user = UserFactory(password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client, user, **data):
    response = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD, **data})
    if response["Location"] == reverse("mfa_authenticate"):
        response = client.post(reverse("mfa_authenticate"), {"code": totp_code(user)})
    return response


def officer_with_app():
    user = member(roles=["officer"])
    Authenticator.objects.filter(user=user).delete()
    totp.TOTP.activate(user, totp.generate_totp_secret())
    return user


def totp_code(user) -> str:
    cache.clear()  # each code works once
    secret = totp.decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))


def is_signed_in(client) -> bool:
    return client.get(DESK).status_code == 200


# --- T28: where signing in and out leads

ELSEWHERE = [
    *[
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
    ],
    *[
        "http://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "http:///evil.example",
        "HTTPS://EVIL.example",
    ],
    *["data:text/html,x", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "file:///etc/passwd"],
    *[
        "/%0d%0aSet-Cookie:x=1//evil.example\r\n",
        "\r\n//evil.example",
        "http://testserver@evil.example",
        "//testserver@evil.example",
    ],
    *[
        "http://testserver.evil.example",
        "http://127.0.0.1.evil.example",
        "http://[::1",
        "ftp://testserver/",
        "//",
        "http://",
    ],
    *["\x00//evil.example", "\u2028//evil.example", "//evil\u3002example", "http:\\\\evil.example", " //evil.example"],
]


def stays_here(address: str) -> bool:
    """As a browser reads it: a path of this host, whatever it holds."""
    address = address.strip().replace("\\", "/")
    return address.startswith("/") and not address.startswith("//") and not any(c in address for c in "\r\n\t\0")


@pytest.mark.parametrize("address", ELSEWHERE)
def test_t28_signing_in_and_out_never_leads_elsewhere(client, unlimited, address):
    user = member()

    assert stays_here(sign_in(client, user, next=address)["Location"])
    assert stays_here(client.get(SIGN_IN, {"next": address})["Location"])
    assert stays_here(client.post(SIGN_OUT, {"next": address})["Location"])
    client.post(ASK, {"email": user.email, "next": address})
    assert stays_here(client.get(CONFIRM).wsgi_request.path)
    assert f'value="{address}"' not in body(client.get(CONFIRM))


def test_t28_signing_in_leads_back_to_a_page_of_the_portal(client, unlimited):
    user = member()

    assert sign_in(client, user, next="/countries/PK/?x=1#y")["Location"] == "/countries/PK/?x=1#y"


# --- T30: sessions and requests that others forge


def test_t30_session_key_changes_at_signing_in_and_nothing_of_it_stays_at_signing_out(client, unlimited):
    client.get(SIGN_IN)
    client.post(ASK, {"email": "nobody@example.org"})
    before = client.session.session_key

    sign_in(client, member())
    signed_in = client.session.session_key
    assert signed_in != before

    client.post(SIGN_OUT)
    assert client.session.session_key != signed_in
    assert "_auth_user_id" not in client.session


def test_t30_session_key_changes_with_the_roles(client, unlimited):
    user = officer_with_app()
    AllianceRole.objects.all().delete()
    sign_in(client, user)
    client.get(DESK)
    before = client.session.session_key
    client.get(DESK)
    assert client.session.session_key == before

    AllianceRole.objects.create(user=user, role="officer")

    assert client.get(DESK).status_code == 200
    assert client.session.session_key != before
    assert UserSession.objects.filter(session_key=client.session.session_key).count() == 1
    assert UserSession.objects.count() == 1


def test_t30_setting_up_a_second_factor_changes_the_key_and_ends_all_other_sessions(unlimited):
    """Else a session of somebody who knew the password alone would hold the role from then on."""
    user, mine, other = member(), Client(), Client()
    AllianceRole.objects.create(user=user, role="officer")
    sign_in(other, user)
    sign_in(mine, user)
    before = mine.session.session_key

    mine.get(reverse("mfa_activate_totp"))
    secret = mine.session[totp.SECRET_SESSION_KEY]
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    response = mine.post(reverse("mfa_activate_totp"), {"code": code})

    assert response["Location"] == reverse("mfa_view_recovery_codes")
    codes = Authenticator.objects.filter(type="recovery_codes").values()
    assert (list(codes), mine.get(response["Location"]).status_code, list(codes.all())) == (
        list(codes),
        200,
        list(codes),
    )
    assert mine.session.session_key != before
    assert mine.get(reverse("admin:index")).status_code == 200
    assert not is_signed_in(other)
    assert "secret" not in repr(Authenticator.objects.get(type="totp").data["secret"])
    assert secret not in repr(list(Authenticator.objects.values()))


@pytest.mark.parametrize("address", [SIGN_IN, SIGN_OUT, ASK, CONFIRM, SIGN_UP, "/admin/logout/", "/accounts/settings/"])
def test_t30_forms_of_sign_in_need_the_token_of_the_page(address):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.post(address, {"login": "a@example.org", "password": "x"}).status_code == 403


def test_t30_opening_the_page_signs_nobody_out(client):
    client.force_login(UserFactory())

    assert heading(client.get(SIGN_OUT)) == "Sign out?"
    assert is_signed_in(client)


def test_t30_change_of_password_signs_out_the_other_sessions(unlimited):
    user, mine, other = member(), Client(), Client()
    sign_in(mine, user)
    sign_in(other, user)

    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    mine.post(reverse("account_change_password"), data)

    assert is_signed_in(mine)
    assert not is_signed_in(other)


def test_list_of_own_sessions_signs_out_the_others(unlimited):
    user, mine, other = member(), Client(), Client()
    sign_in(mine, user)
    sign_in(other, user)
    sign_in(Client(), member())

    page = mine.get(reverse("usersessions_list"))
    assert words(page).count("since") == 2
    mine.post(reverse("usersessions_list"))

    assert is_signed_in(mine)
    assert not is_signed_in(other)
    assert UserSession.objects.count() == 2


# --- How long a session lasts


@pytest.mark.parametrize(
    ("person", "idle", "lasts"),
    [
        (officer_with_app, sessions.IDLE - 60, True),
        (officer_with_app, sessions.IDLE + 60, False),
        (member, sessions.IDLE + 60, True),
    ],
)
def test_session_of_the_secretariat_ends_when_nobody_is_there(client, unlimited, monkeypatch, person, idle, lasts):
    sign_in(client, person())
    later(monkeypatch, idle)

    assert is_signed_in(client) == lasts


def test_session_of_the_secretariat_ends_after_a_day_of_work(client, unlimited, monkeypatch):
    sign_in(client, officer_with_app())

    for _hour in range(11):
        later(monkeypatch, 3600)
        assert is_signed_in(client)
    later(monkeypatch, 3700)
    response = client.get("/admin/")
    assert response["Location"] == f"{SIGN_IN}?next=/admin/"


def later(monkeypatch, seconds: float) -> None:
    now = sessions.now() + seconds
    monkeypatch.setattr(sessions, "now", lambda: now)


# --- T32: how often


def test_t32_guesses_are_limited_whatever_the_visitor_says_of_the_address(client):
    user = member()

    def guess(number):
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "X-Real-IP": f"192.0.2.{number}"}
        return client.post(SIGN_IN, {"login": user.email, "password": "wrong"}, headers=headers)

    for number in range(5):
        assert guess(number).status_code == 422
    assert "too often" in words(guess(6))
    assert "_auth_user_id" not in client.session
    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD}, headers={"X-Forwarded-For": "198.51.100.1"})
    assert "_auth_user_id" not in client.session


def test_t32_codes_are_limited_for_an_address_and_for_a_network(client):
    for _ in range(3):
        assert (
            client.post(ASK, {"email": "reader@example.org"}, headers={"X-Forwarded-For": "192.0.2.1"}).status_code
            == 302
        )
    response = client.post(ASK, {"email": "reader@example.org"}, headers={"X-Forwarded-For": "192.0.2.2"})
    assert response.status_code == 429
    assert heading(response) == "Too many tries"

    answers = [client.post(ASK, {"email": f"reader{n}@example.org"}).status_code for n in range(20)]
    assert answers[-1] == 429
    assert Delivery.objects.count() <= 20


def test_t32_address_is_taken_from_the_proxy_that_we_trust(client, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(19):
        client.post(ASK, {"email": f"a{number}@example.org"}, headers={"X-Forwarded-For": "192.0.2.1"})
    client.post(ASK, {"email": "b@example.org"}, headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.1"})

    refused = client.post(ASK, {"email": "c@example.org"}, headers={"X-Forwarded-For": "203.0.113.10, 192.0.2.1"})
    other = client.post(ASK, {"email": "c@example.org"}, headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})

    assert (refused.status_code, other.status_code) == (429, 302)


def test_sign_in_works_while_the_cache_is_away(client, settings):
    from anso_portal.cache import ForgivingRedisCache

    user = member()
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/at/all.sock?db=0"}}
    try:
        assert sign_in(client, user)["Location"] == DESK
    finally:
        ForgivingRedisCache.breaker.reset()


# --- Mails


def test_every_mail_that_allauth_may_write_is_known():
    """An upgrade that adds one fails here, and not in front of somebody who signs in."""
    folder = Path(allauth.__file__).parent / "templates"
    names = {
        f"{path.relative_to(folder).parts[0]}.{path.name.removesuffix('_subject.txt')}"
        for path in folder.rglob("email/*_subject.txt")
    }
    not_used = {
        "account.email_confirmation_signup",  # the same as without “signup”
        "account.password_reset_code",  # a link is sent
    }

    assert len(names) > 15
    assert names - not_used <= set(_writers)


def test_one_of_the_own_sessions_is_ended_and_no_other_persons(unlimited):
    user, mine, other, stranger = member(), Client(), Client(), Client()
    sign_in(mine, user)
    sign_in(other, user)
    sign_in(stranger, member())

    def end(session):
        return mine.post(reverse("account_session_end", args=[session.pk])).status_code

    assert end(UserSession.objects.exclude(user=user).get()) == 404
    assert end(UserSession.objects.get(session_key=other.session.session_key)) == 302

    assert (is_signed_in(mine), is_signed_in(other), is_signed_in(stranger)) == (True, False, True)
    assert mine.get(reverse("account_session_end", args=[1])).status_code == 405
    assert Client().post(reverse("account_session_end", args=[1]))["Location"].startswith(SIGN_IN)


def test_t47_challenges_for_passkeys_are_limited(client):
    """Each begins a session, so visitors cannot ask for as many as they like."""
    address = reverse("mfa_login_webauthn")
    answers = [client.get(address, headers={"Accept": "application/json"}).status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]
    assert Session.objects.count() == 1


def test_sessions_that_are_over_are_forgotten(unlimited):
    user, mine, gone = member(), Client(), Client()
    sign_in(mine, user)
    sign_in(gone, user)
    Client().post(ASK, {"email": "nobody@example.org"})
    Session.objects.exclude(session_key=mine.session.session_key).update(expire_date=now() - timedelta(seconds=1))

    for _ in range(2):
        forget_sessions()

    assert list(Session.objects.values_list("session_key", flat=True)) == [mine.session.session_key]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [mine.session.session_key]


def test_session_of_somebody_who_never_came_in_lasts_a_day_and_one_who_did_two_weeks(client, unlimited):
    client.post(ASK, {"email": "nobody@example.org"})
    assert client.session.get_expiry_age() <= 24 * 3600

    sign_in(client, member())
    assert client.session.get_expiry_age() > 13 * 24 * 3600


def test_new_password_by_mail_does_not_skip_the_second_factor(client, unlimited, settings, tmp_path):
    settings.EMAIL_FILE_PATH, settings.PORTAL_BASE_URL = tmp_path / "mail", "https://portal.example"
    user = officer_with_app()
    client.post(reverse("account_reset_password"), {"email": user.email})
    drain()
    (path,) = (tmp_path / "mail").glob("*.eml")
    text = parse(path.read_bytes()).get_body(("plain",)).get_content()
    link = re.search(r"https://portal\.example(/accounts/\S+)", text)[1]
    form = client.get(link, follow=True).redirect_chain[-1][0]

    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert "_auth_user_id" not in client.session
    response = client.post(SIGN_IN, {"login": user.email, "password": NEW_PASSWORD})
    assert response["Location"] == reverse("mfa_authenticate")
