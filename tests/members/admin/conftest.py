"""An administrator, signed in."""

import pytest

from tests.factories import UserFactory


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"], name="Olive Officer")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client
