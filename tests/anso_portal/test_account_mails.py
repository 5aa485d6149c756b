"""Sign-in mails are deliveries: what they hold, what they do not, and that nobody can tell who has an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import Delivery
from notifications.sender import drain
from tests.factories import PASSWORD, UserFactory
from tests.notifications.conftest import parse

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another horse another battery"


@pytest.fixture(autouse=True)
def portal(settings, tmp_path):
    settings.PORTAL_BASE_URL = "https://portal.example"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def user():
    user = UserFactory(email="reader@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def read_mails(tmp_path):
    def read():
        drain()
        return [parse(path.read_bytes()) for path in sorted((tmp_path / "mail").glob("*.eml"))]

    return read


def ask(client, address="reader@example.org", **headers):
    return client.post(reverse("account_reset_password"), {"email": address}, headers=headers)


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def link_in(message) -> str:
    (link,) = re.findall(r"https://portal\.example/accounts/\S+", text_of(message))
    return link.removeprefix("https://portal.example")


def code_in(message) -> str:
    """It stands alone on its line, and begins the subject."""
    (code,) = set(re.findall(r"[B-Z]{4}-[B-Z]{4}", text_of(message)))
    assert message["Subject"].startswith(f"{code}: ")
    return code


def test_forgotten_password_is_set_anew_by_the_link_in_the_mail(client, user, read_mails):
    ask(client)
    (message,) = read_mails()
    assert message["To"] == "reader@example.org"
    assert "List-Unsubscribe" not in message

    page = client.get(link_in(message), follow=True)
    form_address = page.redirect_chain[-1][0]
    client.post(form_address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)


def test_link_is_nowhere_in_the_database(client, user, read_mails):
    ask(client)
    (message,) = read_mails()
    token = link_in(message).rstrip("/").rpartition("-")[2]

    row = Delivery.objects.values().get()

    assert row["sensitive"]
    assert row["state"] == "sent"
    assert token not in repr(row)
    assert (row["body_text"], row["body_html"], row["context"]) == ("", "", {})


def test_unknown_address_is_told_by_mail_that_there_is_no_account(client, read_mails):
    ask(client, "nobody@example.org")

    (message,) = read_mails()
    assert message["To"] == "nobody@example.org"
    assert "No account uses this address" in text_of(message)
    assert "/accounts/" not in text_of(message)


def test_inactive_user_gets_no_link(client, user, read_mails):
    user.is_active = False
    user.save()

    ask(client)

    (message,) = read_mails()
    assert "/accounts/" not in text_of(message)


def test_known_and_unknown_addresses_cost_the_same_and_get_the_same_answer(client, user):
    def world(address):
        with CaptureQueriesContext(connection) as queries:
            response = ask(client, address)
        statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
        return response.status_code, response["Location"], statements

    known, unknown = world("reader@example.org"), world("nobody@example.org")

    assert known == unknown
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"Host": "127.0.0.1:1@evil.example"}]
)
def test_host_header_never_gets_into_the_link(client, user, read_mails, headers):
    ask(client, **headers)

    assert all("evil" not in message.as_string() for message in read_mails())


def test_password_change_is_told_and_nothing_is_sent_from_the_request(client, user, read_mails):
    client.force_login(user)

    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        headers={"User-Agent": "Test <b>browser</b>"},
    )

    assert mail.outbox == []
    assert [(row.purpose, row.address) for row in Delivery.objects.all()] == [
        ("account.password_changed", "reader@example.org")
    ]
    (message,) = read_mails()
    assert "Your password was changed." in text_of(message)
    assert "Test <b>browser</b>" in text_of(message)
    assert "&lt;b&gt;" in message.get_body(("html",)).get_content()


def test_unverified_address_is_confirmed_at_sign_in_by_the_code_in_the_mail(client, user, read_mails):
    EmailAddress.objects.update(verified=False)
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert response["Location"] == reverse("account_email_verification_sent")

    (message,) = read_mails()
    response = client.post(reverse("account_email_verification_sent"), {"code": code_in(message)})

    assert EmailAddress.objects.get().verified
    assert client.session["_auth_user_id"] == str(user.pk)
    assert response["Location"] == reverse("anso_portal:desk")


def test_second_address_is_added_by_the_code_in_its_mail(client, user, read_mails):
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_email"), {"email": "Second@Example.org", "action_add": ""})
    assert EmailAddress.objects.count() == 1

    (message,) = read_mails()
    assert message["To"] == "second@example.org"
    client.post(reverse("account_email_verification_sent"), {"code": code_in(message)})

    assert set(EmailAddress.objects.values_list("email", "verified", "primary")) == {
        ("reader@example.org", True, True),
        ("second@example.org", True, False),
    }


def test_mail_that_might_hold_a_secret_is_refused(rf):
    from anso_portal.adapter import AccountAdapter

    with pytest.raises(NotImplementedError, match="password_reset_code"):
        AccountAdapter(rf.get("/")).send_mail("account/email/password_reset_code", "reader@example.org", {"code": "1"})

    assert not Delivery.objects.exists()


def test_djangos_own_way_of_sending_is_closed(settings):
    settings.EMAIL_BACKEND = "notifications.mailbox.ClosedMailbox"

    with pytest.raises(RuntimeError, match="announce or post_mail"):
        mail.send_mail("x", "x", None, ["reader@example.org"])
