"""Somebody with a profile, signed in."""

import pytest

from tests.factories import PersonFactory, UserFactory


@pytest.fixture
def user():
    return UserFactory(name="Ayesha Malik")


@pytest.fixture
def person(user):
    return PersonFactory(user=user, name="Ayesha Malik", is_public=False)


@pytest.fixture
def me(client, user):
    client.force_login(user)
    return client
