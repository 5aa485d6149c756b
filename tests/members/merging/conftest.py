"""An officer, the record that stays and the one that goes."""

import pytest

from tests.factories import InstitutionFactory, UserFactory


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def kept():
    return InstitutionFactory(name="Institute of Physics", slug="iop", acronym="IOP", city="Lahore")


@pytest.fixture
def gone():
    return InstitutionFactory(name="Physics Institute", slug="physics", acronym="PI", website="https://physics.example")
