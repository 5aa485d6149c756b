"""An institution, an editor who is signed in, and an officer in another browser."""

import pytest

from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory


@pytest.fixture
def institution():
    return InstitutionFactory(slug="academy", name="The Academy", acronym="TA", city="Lahore")


@pytest.fixture
def editor(client, institution):
    user = InstitutionRoleFactory(institution=institution, role="editor", user=UserFactory(name="Ed Itor")).user
    client.force_login(user)
    return user


@pytest.fixture
def officer(django_client):
    return django_client(UserFactory(name="Off Icer", roles=["officer"]))


@pytest.fixture
def django_client(client):
    """A second browser, in which somebody else has signed in."""

    def make(user):
        other = type(client)()
        other.force_login(user)
        other.user = user
        return other

    return make
