import email
import email.policy
from pathlib import Path

import pytest

from notifications import texts
from notifications.fanout import identity
from notifications.following import follow_topic
from notifications.models import Delivery
from notifications.topics import resolve
from tests.factories import OfferFactory, UserFactory


@pytest.fixture(autouse=True)
def no_texts_of_others():
    """The database takes back what a test wrote, the cache does not."""
    texts.forget()
    yield
    texts.forget()


@pytest.fixture
def mail_folder(settings, tmp_path) -> Path:
    settings.MAIL_TRANSPORT = "notifications.transport.FileTransport"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    return settings.EMAIL_FILE_PATH


@pytest.fixture
def read_mails(mail_folder):
    """The messages in the folder, in the order of their names."""

    def read():
        return [parse(path.read_bytes()) for path in sorted(mail_folder.glob("*.eml"))]

    return read


def parse(message: bytes):
    return email.message_from_bytes(message, policy=email.policy.default)


@pytest.fixture
def follower():
    """follower("country:PK") is a new user who follows these topics."""

    def make(*topics: str, **fields):
        user = UserFactory(**fields)
        for topic in topics:
            found = resolve(topic)
            assert found, topic
            follow_topic(topic=found, by=user)
        return user

    return make


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


@pytest.fixture
def offer(db):
    return OfferFactory(title="Two places in Gwadar", city="Gwadar")


@pytest.fixture
def delivery(db):
    """delivery() is a mail that waits; its writer is told by the purpose “test”."""
    from notifications.emails import Letter, register_writer

    register_writer("test", lambda row: Letter(subject=f"Test {row.context.get('n', '')}", heading="Test"))

    def make(**fields):
        number = Delivery.objects.count()
        fields = {"address": f"reader{number}@example.org", "purpose": "test", **fields}
        idem = fields.pop("idem", identity("test", number))
        return Delivery.objects.create(idem=idem, message_id=f"<{idem[:32]}@example.org>", **fields)

    return make
