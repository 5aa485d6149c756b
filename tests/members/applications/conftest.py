"""An officer, and the officer's browser."""

import pytest
from django.core.cache import cache

from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _nobody_has_come_yet():
    cache.clear()


@pytest.fixture
def officer(db):
    return UserFactory(name="The Officer", roles=["officer"])


@pytest.fixture
def at_desk(client, officer):
    client.force_login(officer)
    return client
