"""An institution with a focal point and an editor."""

import pytest

from members.models import InstitutionRole
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from tests.members.institution_desk.acts import DAY
from toolkit.clock import database_today


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water", slug="aw", member=True)


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima")


@pytest.fixture
def editor(institution):
    return InstitutionRoleFactory(institution=institution, role="editor", user__name="Edda")


@pytest.fixture
def sign_in(client, institution):
    """sign_in("editor") and so on; gives the user."""

    def enter(who: str):
        if who == "anonymous":
            client.logout()
            return None
        if who in ("officer", "administrator", "reviewer"):
            user = UserFactory(roles=[who])
        elif who == "elsewhere":
            user = InstitutionRoleFactory().user
        elif who in InstitutionRole.Role.values:
            until = database_today() + DAY if who == "deputy" else None
            user = InstitutionRoleFactory(institution=institution, role=who, ends_on=until).user
        else:
            user = UserFactory()
        client.force_login(user)
        return user

    return enter
