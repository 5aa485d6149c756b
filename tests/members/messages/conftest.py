"""Somebody who writes, somebody who reads, and an officer."""

import pytest
from django.core.cache import cache

from members.models import Message
from tests.factories import PersonFactory, UserFactory
from tests.members.messages.acts import SECRETS, member, write


@pytest.fixture(autouse=True)
def nobody_has_written_yet():
    cache.clear()


@pytest.fixture
def writer():
    return member(SECRETS[0], "Wanjiru Kiprotich")


@pytest.fixture
def reader():
    user = member(SECRETS[1], "Ayesha Malik")
    PersonFactory(user=user, name="Ayesha Malik", slug="ayesha")
    return user


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def message(writer, reader):
    write(writer)
    return Message.objects.get()
