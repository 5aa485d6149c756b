"""Institutions and who acts for them."""

import pytest

from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from toolkit.clock import database_today


@pytest.fixture
def today(db):
    return database_today()


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water")


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima")


@pytest.fixture
def editor(institution):
    return InstitutionRoleFactory(institution=institution, role="editor", user__name="Edda")


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


@pytest.fixture
def administrator(db):
    return UserFactory(roles=["administrator"])
