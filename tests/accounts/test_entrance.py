"""Signing up and signing in by a code: what is made when, where it leads, and that nobody can tell who has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from anso_portal import entrance
from notifications.models import Delivery
from notifications.sender import drain
from tests.factories import PASSWORD, UserFactory
from tests.notifications.conftest import parse
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN = reverse("account_signup"), reverse("account_login")
ASK, CONFIRM = reverse("account_request_login_code"), reverse("account_confirm_login_code")
NEW = {"name": "Ada Lovelace", "email": "ada@example.org", "password1": "three green engines"}


@pytest.fixture(autouse=True)
def portal(settings, tmp_path):
    settings.PORTAL_BASE_URL = "https://portal.example"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def member():
    user = UserFactory(email="reader@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def newest(tmp_path):
    """The newest mail."""
    seen = set()

    def newest():
        drain()
        (path,) = set((tmp_path / "mail").glob("*.eml")) - seen
        seen.add(path)
        return parse(path.read_bytes())

    return newest


def code_in(message) -> str:
    return re.search(r"[B-Z]{4}-[B-Z]{4}", message.get_body(("plain",)).get_content())[0]


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


# --- Signing up


def test_sign_up_makes_the_account_when_the_code_is_typed_and_returns_to_where_one_came_from(client, newest):
    response = client.post(SIGN_UP, {**NEW, "email": "Ada@Example.org", "next": "/countries/PK/?x=1"})
    assert response["Location"] == CONFIRM
    assert not User.objects.exists()
    assert "ada@example.org" in words(client.get(CONFIRM))

    response = client.post(CONFIRM, {"code": code_in(newest()).lower().replace("-", " ")})

    assert response["Location"] == "/countries/PK/?x=1"
    user = User.objects.get()
    assert (user.email, user.name, user.language) == ("ada@example.org", "Ada Lovelace", "en")
    assert user.check_password(NEW["password1"])
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, user.email, True, True)
    ]
    assert is_signed_in(client)


def test_sign_up_without_a_password_signs_in_by_code_ever_after(client, newest):
    client.post(SIGN_UP, {**NEW, "password1": ""})
    client.post(CONFIRM, {"code": code_in(newest())})
    assert not User.objects.get().has_usable_password()
    client.logout()

    client.post(ASK, {"email": NEW["email"]})
    client.post(CONFIRM, {"code": code_in(newest())})

    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password1", "too short"),
        ("password1", "password12345"),
        ("name", ""),
        ("email", "ada"),
        ("email", "\u017fam@x.org"),
    ],
)
def test_sign_up_refuses_what_would_not_do_and_keeps_the_rest(client, field, value):
    response = client.post(SIGN_UP, {**NEW, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert field == "name" or "Ada Lovelace" in body(response)
    assert not Delivery.objects.exists()


def test_whoever_has_an_account_is_told_so_by_mail_alone(client, member, newest):
    client.post(SIGN_UP, {**NEW, "email": member.email})

    message = newest()
    assert message["Subject"] == "You have an account already"
    assert f"https://portal.example{SIGN_IN}" in message.get_body(("plain",)).get_content()
    assert User.objects.get() == member


def test_signing_up_in_two_windows_makes_one_account(client, newest):
    other = Client()
    client.post(SIGN_UP, NEW)
    first = code_in(newest())
    other.post(SIGN_UP, {**NEW, "name": "Ada"})
    second = code_in(newest())

    client.post(CONFIRM, {"code": first})
    other.post(CONFIRM, {"code": second})

    assert User.objects.get().name == "Ada Lovelace"
    assert is_signed_in(other)


# --- The code


def test_code_is_nowhere_in_the_database_once_it_is_sent(client, member, newest):
    client.post(ASK, {"email": member.email})
    code = code_in(newest())
    plain = code.replace("-", "")

    row = Delivery.objects.values().get()
    assert (row["secret"], row["context"], row["body_text"], row["sensitive"]) == ("", {}, "", True)
    kept = repr([Session.objects.get(pk=session.pk).get_decoded() for session in Session.objects.all()]) + repr(row)
    assert code not in kept
    assert plain not in kept
    assert member.email not in repr([session.get_decoded() for session in Session.objects.all()])


def test_code_works_three_times_for_a_quarter_of_an_hour_and_once(client, member, newest, monkeypatch):
    client.post(ASK, {"email": member.email})
    code = code_in(newest())
    for _ in range(2):
        assert client.post(CONFIRM, {"code": "BBBB-BBBB"}).status_code == 422
    assert client.post(CONFIRM, {"code": code})["Location"] == reverse("anso_portal:desk")

    client.logout()
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK

    client.post(ASK, {"email": member.email})
    code = code_in(newest())
    for _ in range(2):
        client.post(CONFIRM, {"code": "BBBB-BBBB"})
    assert client.post(CONFIRM, {"code": "BBBB-BBBB"})["Location"] == ASK
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK

    client.post(ASK, {"email": member.email})
    code = code_in(newest())
    now = entrance.time.time()
    monkeypatch.setattr(entrance.time, "time", lambda: now + 901)
    assert client.post(CONFIRM, {"code": code})["Location"] == ASK
    assert not is_signed_in(client)


def test_code_belongs_to_the_window_that_asked(client, member, newest):
    client.post(ASK, {"email": member.email})

    stranger = Client()
    stranger.post(ASK, {"email": "other@example.org"})

    assert stranger.post(CONFIRM, {"code": code_in(newest_of(member))}).status_code == 422
    assert not is_signed_in(stranger)


def newest_of(user):
    from django.conf import settings

    drain()
    messages = [parse(path.read_bytes()) for path in settings.EMAIL_FILE_PATH.glob("*.eml")]
    return next(message for message in messages if message["To"] == user.email)


def test_another_code_takes_the_place_of_the_first(client, member, newest):
    client.post(ASK, {"email": member.email})
    first = code_in(newest())
    client.post(CONFIRM, {"again": "1"})
    second = code_in(newest())

    assert client.post(CONFIRM, {"code": first}).status_code == 422
    client.post(CONFIRM, {"code": second})
    assert is_signed_in(client)


def test_no_more_than_three_mails_leave_for_one_entrance(client, member):
    client.post(ASK, {"email": member.email})
    for _ in range(5):
        client.post(CONFIRM, {"again": "1"})

    assert Delivery.objects.count() == 3


def test_closed_account_gets_no_code(client, member, newest):
    User.objects.update(is_active=False)
    client.post(ASK, {"email": member.email})

    assert newest()["Subject"] == "No account with this address"


def test_code_does_not_skip_the_second_factor(client, newest):
    officer = UserFactory(email="officer@example.org", roles=["officer"])
    EmailAddress.objects.create(user=officer, email=officer.email, verified=True, primary=True)
    client.post(ASK, {"email": officer.email, "next": "/admin/"})

    response = client.post(CONFIRM, {"code": code_in(newest())})

    assert response["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_whoever_is_signed_in_is_led_on(client, member):
    client.force_login(member)

    for address in (SIGN_IN, SIGN_UP, ASK, CONFIRM):
        assert client.get(f"{address}?next=/about/")["Location"] == "/about/"
        assert client.get(f"{address}?next=//evil.example/")["Location"] == reverse("anso_portal:desk")
        assert client.get(f"{address}?next=anso_portal:about")["Location"] != "/about/"
        assert client.get(f"{address}?next=9e99").status_code == 302


# --- T33: known and unknown addresses


ITS_OWN = {"Expires", "X-Request-ID"}  # of each answer: the second, and its number in the log


class World:
    """What somebody sees, and what it costs: answers, statements and hashes."""

    def __init__(self, monkeypatch):
        self.client, self.hashed = Client(), 0
        encode = hashers.MD5PasswordHasher.encode

        def counted(*args, **kwargs):
            self.hashed += 1
            return encode(*args, **kwargs)

        monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)

    def post(self, address, data) -> tuple:
        before = self.hashed
        with CaptureQueriesContext(connection) as asked:
            response = self.client.post(address, data)
        return (
            response.status_code,
            normal(body(response), data),
            sorted((name, normal(value, data)) for name, value in response.headers.items() if name not in ITS_OWN),
            [re.sub(r"'(?:[^']|'')*'|\d+(?:\.\d+)?", "?", query["sql"]) for query in asked],
            self.hashed - before,
        )

    def get(self, address, data) -> tuple:
        with CaptureQueriesContext(connection) as asked:
            response = self.client.get(address)
        return response.status_code, normal(body(response), data), len(asked)


def normal(text: str, data: dict) -> str:
    for value in data.values():
        text = text.replace(value, "…") if "@" in value else text
    return re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]+', r"\1", text)


def both(monkeypatch, walk) -> list:
    """The same walk for an address that has an account and for one that has none; both are as long."""
    Client().get(SIGN_IN)  # what the first request of a process reads for all later ones
    return [walk(World(monkeypatch), address) for address in ("reader@example.org", "nobody@example.org")]


@pytest.mark.parametrize("state", ["ordinary", "without password", "unconfirmed", "closed"])
@pytest.mark.parametrize(
    ("address", "data"),
    [
        (SIGN_IN, {"login": "@", "password": "not the right password"}),
        (ASK, {"email": "@"}),
        (SIGN_UP, {**NEW, "email": "@"}),
        (SIGN_UP, {**NEW, "email": "@", "password1": ""}),
        (reverse("account_reset_password"), {"email": "@"}),
        (reverse("account_signup_by_passkey"), {"name": "Ada", "email": "@"}),
    ],
)
def test_t5_t33_known_and_unknown_address_get_the_same_answer_for_the_same_work(
    member, monkeypatch, state, address, data
):
    if state == "without password":
        member.set_unusable_password()
        member.save()
    EmailAddress.objects.update(verified=state != "unconfirmed")
    User.objects.update(is_active=state != "closed")

    known, unknown = both(
        monkeypatch,
        lambda world, email: world.post(address, {name: value.replace("@", email) for name, value in data.items()}),
    )

    assert known == unknown
    assert known[4] == (1 if "password" in data or data.get("password1") else 0)


def test_t33_pages_behind_the_form_tell_nothing_either(member, monkeypatch):
    def walk(world, email):
        data = {"email": email}
        return [
            world.post(ASK, data)[:4],
            world.get(CONFIRM, data),
            world.post(CONFIRM, {**data, "code": "BBBB-BBBB"}),
            world.post(CONFIRM, {**data, "again": "1"}),
            world.get(CONFIRM, data),
            world.get(SIGN_IN, data),
            world.get(SIGN_UP, data),
        ]

    known, unknown = both(monkeypatch, walk)

    assert known == unknown


@pytest.mark.long
@pytest.mark.time_limit(180)  # 400 passwords are hashed
def test_t33_takes_no_longer_for_one_than_for_the_other(member, settings):
    """Alternating samples with the real hasher; their middles differ by less than a tenth."""
    import statistics
    import time

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    member.set_password(PASSWORD)
    member.save()
    taken: dict[str, list[float]] = {"reader@example.org": [], "nobody@example.org": []}
    client = Client()
    for number in range(400):
        email = list(taken)[number % 2]
        start = time.perf_counter()
        client.post(SIGN_IN, {"login": email, "password": "not the right password"})
        taken[email].append(time.perf_counter() - start)
    known, unknown = (statistics.median(times[20:]) for times in taken.values())

    assert abs(known - unknown) < 0.1 * known


def test_heading_of_each_page(client):
    assert heading(client.get(SIGN_IN)) == "Sign in"
    assert heading(client.get(SIGN_UP)) == "Make an account"
    assert heading(client.get(ASK)) == "Sign in with a code"
    assert client.put(ASK).status_code == 405
