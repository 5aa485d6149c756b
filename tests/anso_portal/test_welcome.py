import hashlib

import pytest
from django.urls import reverse

from accounts.models import AllianceRole, User
from accounts.permissions import ADMINISTRATOR
from anso_portal.supervisor.state import State

ANSWER = {"name": "Ada Lovelace", "email": "ada@example.org", "password": "three green engines"}


@pytest.fixture
def address(settings, tmp_path):
    settings.STATE_DIR = tmp_path
    return reverse("welcome", args=[State(tmp_path).welcome_token()])


def test_welcome_makes_the_first_administrator_who_can_sign_in(client, db, address):
    assert client.get(address).status_code == 200
    response = client.post(address, ANSWER)

    assert response.status_code == 302
    assert response.url == reverse("account_login")
    role = AllianceRole.objects.get()
    assert (role.role, role.user.email, role.user.name) == (ADMINISTRATOR, ANSWER["email"], ANSWER["name"])
    signed_in = client.post(
        reverse("account_login"), {"login": ANSWER["email"], "password": ANSWER["password"]}, follow=False
    )
    assert signed_in.status_code == 302
    assert "_auth_user_id" in client.session


def test_welcome_is_closed_once_there_is_an_administrator(client, db, address):
    client.post(address, ANSWER)

    assert client.get(address).status_code == 404
    assert client.post(address, {**ANSWER, "email": "eve@example.org"}).status_code == 404
    assert User.objects.count() == 1


def test_welcome_needs_the_secret(client, db, address, tmp_path):
    assert client.get(reverse("welcome", args=["guessed"])).status_code == 404
    State(tmp_path).welcome_token()  # A later start makes a new one.
    assert client.get(address).status_code == 404
    (tmp_path / "welcome").unlink()
    assert client.get(address).status_code == 404


def test_welcome_keeps_the_fingerprint_of_the_secret_only(tmp_path):
    token = State(tmp_path).welcome_token()

    assert (tmp_path / "welcome").read_text().strip() == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(
    ("field", "value"), [("password", "short"), ("password", "password1234"), ("email", "ada"), ("name", "")]
)
def test_welcome_refuses_what_would_not_do(client, db, address, field, value):
    response = client.post(address, {**ANSWER, field: value})

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not User.objects.exists()


def test_welcome_does_not_take_over_an_account(client, db, address):
    User.objects.create_user("ADA@example.org", "another password")

    response = client.post(address, ANSWER)

    assert response.status_code == 422
    assert not AllianceRole.objects.exists()
