"""The pages where one takes the own data along, and deletes the account."""

import json
import time

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from anso_portal.models import ClosedAccount
from members.models import Person
from tests.factories import PASSWORD, InstitutionFactory, InstitutionRoleFactory, PersonFactory, UserFactory
from tests.pages import heading, words

pytestmark = pytest.mark.django_db

DATA, DELETE = "/accounts/data/", "/accounts/delete/"


def user_with_password(**fields):
    user = UserFactory(email="me@example.org", name="Amira Example", password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def signed_in(user, *, ago=0) -> Client:
    """As after signing in by password so many seconds ago."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time() - ago, "email": user.email, "reauthenticated": True}
    ]
    session.save()
    return client


# --- Data


def test_page_says_what_is_in_the_file():
    client = signed_in(UserFactory(), ago=3_600)
    response = client.get(DATA)

    assert client.head(DATA).status_code == 200
    assert response.status_code == 200
    assert heading(response) == "Take your data along"
    assert "where you are signed in" in words(response)


def test_file_holds_the_own_data_and_is_for_nobody_else():
    user = user_with_password()
    PersonFactory(user=user, name="Amira Example", biography="I grew up beside a lake.")

    response = signed_in(user).post(DATA)

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"].startswith('attachment; filename="ANSO Portal 2')
    assert response["Cache-Control"] == "private, no-store"
    data = json.loads(response.content)
    assert data["account"]["email"] == "me@example.org"
    assert data["profile"]["about"] == "I grew up beside a lake."
    assert user.password not in response.content.decode()


@pytest.mark.parametrize("address", [DATA, DELETE])
def test_anonymous_visitor_is_sent_to_sign_in(client, address):
    for method in (client.get, client.post):
        assert method(address)["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", [DATA, DELETE])
def test_who_signed_in_long_ago_is_asked_once_more(address):
    client = signed_in(user_with_password(), ago=3600)

    response = client.post(address, {"email": "me@example.org"})

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not ClosedAccount.objects.exists()


@pytest.mark.parametrize("address", [DATA, DELETE])
def test_other_methods_are_refused(address):
    client = signed_in(UserFactory())

    assert client.put(address).status_code == 405
    assert client.delete(address).status_code == 405


def test_file_is_not_made_by_opening_the_page():
    assert "Content-Disposition" not in signed_in(UserFactory()).get(DATA)


def test_form_of_another_site_is_refused():
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_with_password())

    assert client.post(DATA).status_code == 403
    assert client.post(DELETE, {"email": "me@example.org"}).status_code == 403


# --- Deletion


def test_page_says_what_goes_and_what_stays():
    user = user_with_password()

    response = signed_in(user).get(DELETE)

    assert heading(response) == "Delete the account"
    assert f"“Former user {user.pk}”" in words(response)
    assert "What goes, at once and for good" in words(response)


def test_typed_address_deletes_the_account_and_signs_out():
    user = user_with_password()
    PersonFactory(user=user)
    client = signed_in(user)

    response = client.post(DELETE, {"email": " Me@Example.ORG "}, follow=True)

    assert heading(response) == "The account is deleted"
    assert "Sign in" in words(response)
    user.refresh_from_db()
    assert (user.is_active, user.name) == (False, f"Former user {user.pk}")
    assert not Person.objects.filter(user=user).exists()
    assert client.get("/desk/").status_code == 302


@pytest.mark.parametrize("typed", ["", "you@example.org", "yes"])
def test_anything_else_deletes_nothing(typed):
    user = user_with_password()

    response = signed_in(user).post(DELETE, {"email": typed})

    assert response.status_code == 422
    assert "There is a problem" in words(response)
    user.refresh_from_db()
    assert user.is_active


def test_last_focal_point_finds_no_button_but_what_to_do():
    user = user_with_password()
    InstitutionRoleFactory(user=user, institution=InstitutionFactory(name="The Academy"))
    client = signed_in(user)

    shown, sent = client.get(DELETE), client.post(DELETE, {"email": user.email})

    for response in (shown, sent):
        assert "You are the only focal point of The Academy." in words(response)
        assert "Delete the account for good" not in words(response)
    assert sent.status_code == 422
    assert not ClosedAccount.objects.exists()


def test_settings_lead_here():
    response = signed_in(UserFactory()).get("/accounts/settings/")

    assert f'href="{DATA}"' in response.content.decode()
    assert f'href="{DELETE}"' in response.content.decode()


# --- For somebody else, in the administration


@pytest.fixture
def administrator(client):
    user = UserFactory(roles=["administrator"])
    client.force_login(user)
    return user


def page_of(user) -> str:
    return f"/admin/accounts/user/{user.pk}/erase/"


def test_administrator_erases_on_request(client, administrator):
    user = user_with_password()
    assert page_of(user) in client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert "Former user" in words(client.get(page_of(user)))

    response = client.post(page_of(user), {"email": user.email})

    assert response.status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    assert ClosedAccount.objects.get().by == administrator
    assert "This account was closed." in words(client.get(f"/admin/accounts/user/{user.pk}/change/"))


def test_administrator_must_type_the_address_of_the_other(client, administrator):
    user = user_with_password()

    assert client.post(page_of(user), {"email": administrator.email}).status_code == 422
    assert not ClosedAccount.objects.exists()


def test_administrator_sees_whom_nobody_would_follow(client, administrator):
    role = InstitutionRoleFactory(institution=InstitutionFactory(name="The Academy"))

    assert "only focal point of The Academy" in words(client.get(page_of(role.user)))


def test_own_account_is_deleted_at_its_own_page(client, administrator):
    assert client.get(page_of(administrator))["Location"] == DELETE


@pytest.mark.parametrize("role", ["officer", "reviewer"])
def test_nobody_else_erases_others(client, role):
    user = user_with_password()
    client.force_login(UserFactory(roles=[role]))

    assert client.get(page_of(user)).status_code == 404
    assert client.post(page_of(user), {"email": user.email}).status_code == 404
    assert not ClosedAccount.objects.exists()


def test_unknown_account_is_not_found(client, administrator):
    assert client.get("/admin/accounts/user/999999/erase/").status_code == 404
