"""The secretariat joins two accounts of a person who cannot do it."""

import pytest

from accounts.models import AllianceRole
from anso_portal.models import ClosedAccount
from notifications.models import Delivery
from tests.factories import InstitutionRoleFactory, UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = UserFactory(roles=["administrator"])
    client.force_login(user)
    return user


def page_of(user) -> str:
    return f"/admin/accounts/user/{user.pk}/join/"


def test_administrator_joins_the_account_of_a_reviewer_to_another(client, administrator):
    closed, kept = UserFactory(roles=["reviewer"]), UserFactory()
    role = InstitutionRoleFactory(user=closed)
    assert page_of(closed) in client.get(f"/admin/accounts/user/{closed.pk}/change/").content.decode()
    assert "both accounts are hers or his" in words(client.get(page_of(closed)))

    response = client.post(page_of(closed), {"kept": kept.email.upper()}, follow=True)

    assert "The two accounts are one now." in words(response)
    role.refresh_from_db(), closed.refresh_from_db()
    assert (role.user, closed.is_active) == (kept, False)
    assert AllianceRole.objects.get(role="reviewer").user == kept
    closing = ClosedAccount.objects.get()
    assert (closing.user, closing.joined_to, closing.by) == (closed, kept, administrator)
    assert Delivery.objects.filter(purpose="account.joined").count() == 2
    assert client.post(page_of(closed), {"kept": kept.email}).status_code == 422  # a second click


@pytest.mark.parametrize("address", ["nobody@example.org", "not an address", "closed@example.org", "self@example.org"])
def test_the_other_account_must_be_there_and_open(client, administrator, address):
    UserFactory(email="closed@example.org", is_active=False)
    closed = UserFactory(email="self@example.org")

    assert client.post(page_of(closed), {"kept": address}).status_code == 422
    assert not ClosedAccount.objects.exists()


def test_own_accounts_are_joined_in_the_own_settings(client, administrator):
    other = UserFactory()

    assert client.get(page_of(administrator))["Location"] == "/accounts/join/"
    assert "Join your own accounts in your settings." in words(
        client.post(page_of(other), {"kept": administrator.email})
    )
    assert not ClosedAccount.objects.exists()


@pytest.mark.parametrize("role", ["officer", "reviewer"])
def test_nobody_else_joins_others(client, role):
    user, kept = UserFactory(), UserFactory()
    client.force_login(UserFactory(roles=[role]))

    assert client.get(page_of(user)).status_code == 404
    assert client.post(page_of(user), {"kept": kept.email}).status_code == 404
    assert not ClosedAccount.objects.exists()
