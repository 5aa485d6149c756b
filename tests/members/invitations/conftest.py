"""Who invites."""

import pytest

from notifications.sender import drain
from tests.factories import InstitutionFactory, InstitutionRoleFactory


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water")


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima").user


@pytest.fixture
def outbox(settings, tmp_path):
    """outbox() sends what is due and gives the texts of all mails so far."""
    settings.MAIL_TRANSPORT = "notifications.transport.FileTransport"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"

    def sent() -> list[str]:
        drain()
        return [path.read_text() for path in sorted(settings.EMAIL_FILE_PATH.glob("*.eml"))]

    return sent
