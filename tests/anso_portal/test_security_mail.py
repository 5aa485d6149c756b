"""T42: mail that guards an account cannot be stopped: it carries no link for it, and a stop of its purpose changes nothing."""

import email
import email.policy

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from notifications.links import stop_url
from notifications.models import Delivery, Subscriber
from notifications.sender import drain
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def sent(settings, tmp_path):
    settings.MAIL_TRANSPORT, settings.EMAIL_FILE_PATH = "notifications.transport.FileTransport", tmp_path

    def read():
        drain()
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in tmp_path.glob("*.eml")
        ]

    return read


@pytest.mark.parametrize("name", ["account_request_login_code", "account_reset_password"])
def test_t42_mail_for_signing_in_has_no_stop_and_comes_in_spite_of_one(client, user, sent, name):
    subscriber, _made = Subscriber.objects.get_or_create(user=user)
    for purpose in ("account.login_code", "account.password_reset_key"):
        client.post("/" + stop_url(subscriber, kind=purpose).split("/", 3)[3])  # which nobody was ever given
    client.post(reverse(name), {"email": user.email})
    (mail,) = sent()
    assert mail["To"] == user.email
    assert "List-Unsubscribe" not in mail
    assert "List-Unsubscribe-Post" not in mail
    assert Delivery.objects.get().state == "sent"
