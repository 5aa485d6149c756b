"""Two people with profiles, and what one writes to the other."""

import uuid
from email import message_from_bytes, policy

from allauth.account.models import EmailAddress
from django.test import Client

from notifications.sender import drain
from tests.factories import UserFactory

SECRETS = ("writer@secret.example", "reader@secret.example")
TEXT = "Shall we look at the lakes together?\n\nBest wishes"


def member(email, name, **options):
    user = UserFactory(email=email, name=name, **options)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def browser(user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client


def write(user, slug="ayesha", **changes):
    address = f"/people/{slug}/contact/"
    client = browser(user)
    data = {"subject": "Glacier lakes", "text": TEXT, "token": str(uuid.uuid4()), **changes}
    return client.post(address, {name: value for name, value in data.items() if value is not None})


def mails(settings, tmp_path):
    settings.MAIL_TRANSPORT = "notifications.transport.FileTransport"
    settings.EMAIL_FILE_PATH = tmp_path
    drain()
    raws = [path.read_bytes() for path in sorted(tmp_path.glob("*.eml"))]
    return raws, [message_from_bytes(raw, policy=policy.default) for raw in raws]
