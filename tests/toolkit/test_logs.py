import io
import json
import logging

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal import auth as totp
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from anso_portal import urls
from anso_portal.supervisor.output import readable
from tests.factories import PASSWORD, PersonFactory, UserFactory
from tests.pages import words
from toolkit.logs import JsonFormatter, TextFormatter, pseudonym, scrubbed, shown_path

EVIL = "\r\n\x1b[31mCRITICAL root: all is lost\x1b[0m\u2028\u202e\x00"


def refuse(request, name):
    raise PermissionDenied("Somebody else may.")


def nonsense(request, name):
    raise BadRequest(f"page: {name} is no page")


def broken(request, name):
    raise ValueError(f"cannot read {name} of me@example.org")


def log_it(request, name):
    logging.getLogger("portal.test").warning("Named %s by %s", name, request.META.get("HTTP_USER_AGENT"))
    return HttpResponse("")


urlpatterns = [
    path("refuse/<path:name>/", refuse),
    path("nonsense/<path:name>/", nonsense),
    path("broken/<path:name>/", broken),
    path("log/<path:name>/", log_it),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500


@pytest.fixture
def lines():
    """Everything that is logged, as the portal writes it: one string per line of the file."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().split("\n") if line]
    root.removeHandler(handler)


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def formatted(formatter, *args, **extra) -> str:
    record = logging.LogRecord("portal", logging.WARNING, __file__, 1, "Said: %s", args, None)
    record.__dict__.update(extra)
    return formatter.format(record)


@pytest.mark.parametrize("text", [EVIL, "\u009b31m", "\u2029", "{}\n{}", '"}\n{"level": "INFO"', "\ud800"])
def test_t46_a_text_stays_in_its_line(text):
    line = formatted(JsonFormatter(), text)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"Said: {text}"


@pytest.mark.parametrize("text", [EVIL, "\u009b31m", "\u2029", "a\nb"])
def test_t46_a_text_steers_no_terminal(text):
    assert formatted(TextFormatter(), text).isprintable()
    for shown in readable(formatted(JsonFormatter(), text)):
        assert shown.isprintable()
    assert all(line.isprintable() for line in readable(f"said by {text}"))


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["nowhere", "refuse", "nonsense", "log", "broken"])
def test_t46_what_a_visitor_makes_up_gives_one_line(client, lines, address):
    client.get(f"/{address}/%0d%0a%1b%5b31mCRITICAL/", headers={"user-agent": EVIL, "referer": EVIL})

    (line,) = lines()
    assert set(line) >= {"at", "level", "logger", "message", "request", "method", "address", "user"}
    assert line["at"].endswith("Z")


@pytest.mark.django_db
def test_line_and_answer_have_the_same_number(client, lines):
    response = client.get("/nowhere/")

    assert lines()[0]["request"] == response["X-Request-ID"]
    assert client.get("/nowhere/")["X-Request-ID"] != response["X-Request-ID"]


@pytest.mark.django_db
@pytest.mark.parametrize(("trusted", "kept"), [(0, False), (1, True)])
def test_number_is_the_proxys_where_there_is_one(client, settings, trusted, kept):
    settings.TRUSTED_PROXIES = trusted

    assert (client.get("/", headers={"x-request-id": "abcd-1234-abcd"})["X-Request-ID"] == "abcd-1234-abcd") is kept
    assert client.get("/", headers={"x-request-id": "x\r\ny"})["X-Request-ID"].isalnum()


@pytest.mark.django_db
def test_refusal_is_written_with_the_number_of_the_account(client, lines):
    user = UserFactory(email="me@example.org", name="Amira Example")
    client.force_login(user)

    client.get("/refuse/x/")

    (line,) = lines()
    assert (line["level"], line["status"], line["user"]) == ("WARNING", 403, user.pk)
    assert line["address"] == "/refuse/<path:name>/"
    assert "traceback" not in line
    assert "me@example.org" not in json.dumps(line)
    assert "Amira" not in json.dumps(line)


@pytest.mark.django_db
def test_failed_sign_in_is_written_without_the_addresses(client, lines):
    UserFactory(email="me@example.org", password=PASSWORD)
    for login in ("me@example.org", "ME@example.org", "nobody@example.org"):
        client.post("/accounts/login/", {"login": login, "password": "wrong"}, REMOTE_ADDR="203.0.113.9")

    failed = [line for line in lines() if line["message"] == "Sign-in failed"]
    assert [line["account"] == pseudonym("me@example.org") for line in failed] == [True, True, False]
    assert len({line["network"] for line in failed}) == 1
    assert "example.org" not in json.dumps(lines())
    assert "203.0.113.9" not in json.dumps(lines())


@pytest.mark.django_db
def test_wrong_second_factor_is_written_like_a_wrong_password(client, lines):
    user = UserFactory(email="me@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    totp.TOTP.activate(user, totp.generate_totp_secret())
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    for _try in range(7):
        answer = client.post("/accounts/2fa/authenticate/", {"code": "not-one"}, REMOTE_ADDR="203.0.113.9")

    failed = [line for line in lines() if line["message"] == "Sign-in failed"]
    assert {line["account"] for line in failed} == {pseudonym("me@example.org")}
    assert len(failed) == 5
    assert "This was tried too often" in words(answer)
    assert "example.org" not in json.dumps(lines())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nonsense/x/", "/projects/?page=x", "/report/?about=/%00"])
def test_what_a_visitor_got_wrong_leaves_no_traceback(client, lines, address):
    client.get(address)
    client.get("/", headers={"host": "evil.example"})

    assert lines()
    assert not [line for line in lines() if "traceback" in line]


@pytest.mark.django_db
def test_what_we_got_wrong_leaves_a_traceback_without_addresses(client, lines):
    client.get("/broken/x/")

    (line,) = lines()
    assert line["level"] == "ERROR"
    assert "ValueError: cannot read x of ‹address›" in line["traceback"]


@pytest.mark.django_db
def test_page_of_a_person_is_written_as_a_pattern(client, lines):
    PersonFactory(slug="amira-example")
    client.delete("/people/amira-example/")
    client.get("/people/nobody-by-this-name/")

    assert [line["status"] for line in lines()] == [405, 404]
    assert "amira-example" not in json.dumps(lines())


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("to me@example.org.", "to ‹address›."),
        ("<me+x@mail.example.org>", "<‹address›>"),
        ("from 203.0.113.9 and 2001:db8::1:2:3:4", "from ‹network› and ‹network›"),
        ("at 12:30:45", "at 12:30:45"),
        ("version 5.2.19", "version 5.2.19"),
        ("DETAIL:  Key (lower(email))=(me@x.org) already exists.", "DETAIL:  Key (lower(email))=…"),
        ("Failing row contains (7, Amira, x).", "Failing row contains …"),
        ("LINE 1: INSERT INTO person VALUES ('Amira')", "LINE 1: …"),
    ],
)
def test_texts_of_errors_lose_what_they_quote(text, after):
    assert scrubbed(text) == after


@pytest.mark.django_db
def test_error_of_the_database_tells_no_value(lines):
    UserFactory(email="twice@example.org", name="Amira Example")
    from django.db import transaction

    try:
        with transaction.atomic():
            UserFactory(email="TWICE@example.org", name="Amira Example")
    except IntegrityError:
        logging.getLogger("portal").exception("It did not work")

    assert "traceback" in lines()[0]
    assert "twice" not in json.dumps(lines()).lower()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/members/academy-of-sciences/", "/members/academy-of-sciences/"),
        ("/invitations/aB3_dE5fG7hI9jK1lM3nO5pQ/", "/invitations/…/"),
        ("/notifications/stop/abc:def:ghijklmnop/", "/notifications/stop/…/"),
        ("/x/me@example.org/", "/x/…/"),
        ("/admin/members/institution/1/change/", "/admin/members/institution/1/change/"),
    ],
)
def test_secrets_in_a_path_are_left_out(path, shown):
    assert shown_path(path) == shown
