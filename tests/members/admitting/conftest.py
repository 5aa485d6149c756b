"""An officer and two meetings."""

import datetime

import pytest

from tests.factories import MeetingFactory, UserFactory
from tests.members.admitting.acts import TODAY


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


@pytest.fixture
def board(db):
    return MeetingFactory(body="board", name="Board 9", held_on=TODAY + datetime.timedelta(days=10))


@pytest.fixture
def assembly(db):
    return MeetingFactory(name="General Assembly 9", held_on=TODAY + datetime.timedelta(days=40))
