"""An institution, and somebody with an account."""

import pytest
from django.core.cache import cache

from tests.factories import InstitutionFactory, UserFactory


@pytest.fixture(autouse=True)
def _nobody_has_come_yet():
    cache.clear()


@pytest.fixture
def institution(db):
    return InstitutionFactory(
        slug="ant", name="Ant University", acronym="AU", names=[("Университет муравьёв", "ru", "label")]
    )


@pytest.fixture
def user(db):
    user = UserFactory(name="Amina Rahmani", email="amina@example.org")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user
