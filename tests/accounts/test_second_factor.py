"""Roles in the alliance are in force with a second factor only."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import Http404, HttpResponse
from django.urls import reverse

from accounts.access import role_required
from accounts.models import User
from accounts.permissions import ADMINISTRATOR, OFFICER, REVIEWER
from anso_portal.models import SampleRecord
from tests.factories import UserFactory
from tests.pages import statements, words

pytestmark = pytest.mark.django_db

SET_UP = reverse("mfa_index")


@role_required(OFFICER, ADMINISTRATOR)
def page(request):
    return HttpResponse("for officers")


@pytest.fixture
def officer():
    """One who never set up a second factor."""
    user = UserFactory(roles=["officer"])
    Authenticator.objects.all().delete()
    return user


@pytest.fixture
def ask(rf):
    def ask(user):
        if user.is_authenticated:
            user = User.objects.get(pk=user.pk)
            user.waives_second_factor = lambda user: False
        request = rf.get("/desk/moderation/?q=1")
        request.user = user
        return page(request)

    return ask


def test_role_required_asks_for_the_role_and_the_factor(ask, officer):
    assert ask(UserFactory(roles=[OFFICER])).content == b"for officers"
    assert ask(UserFactory(roles=[REVIEWER, ADMINISTRATOR])).status_code == 200
    assert ask(officer)["Location"] == f"{SET_UP}?next=/desk/moderation/%3Fq%3D1"
    assert ask(AnonymousUser())["Location"] == f"{reverse('account_login')}?next=/desk/moderation/%3Fq%3D1"
    for user in (UserFactory(), UserFactory(roles=[REVIEWER])):
        with pytest.raises(Http404):
            ask(user)


def test_role_that_would_not_do_leads_nowhere(ask):
    reviewer = UserFactory(roles=[REVIEWER])
    Authenticator.objects.all().delete()

    with pytest.raises(Http404):
        ask(reviewer)


def test_administration_is_closed_without_a_second_factor_and_says_why(client, officer):
    client.force_login(officer)

    response = client.get(reverse("admin:index"))
    assert response["Location"] == f"{SET_UP}?next={reverse('admin:index')}"
    assert "programme officer" in words(client.get(response["Location"]))
    assert "Your role in the alliance begins" in words(client.get(reverse("anso_portal:desk")))


def test_without_a_second_factor_an_officer_is_an_ordinary_user_everywhere(client, officer):
    client.force_login(officer)

    desk = words(client.get(reverse("anso_portal:desk")))
    assert "Administration" not in desk
    assert client.get("/admin/members/institution/").status_code == 302


@pytest.mark.parametrize("kind", ["totp", "webauthn"])
def test_second_factor_of_either_kind_puts_roles_into_force(client, officer, kind):
    Authenticator.objects.create(user=officer, type=kind, data={})
    client.force_login(officer)

    assert client.get(reverse("admin:index")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, officer):
    Authenticator.objects.create(user=officer, type="recovery_codes", data={})
    client.force_login(officer)

    assert client.get(reverse("admin:index")).status_code == 302


def test_sample_needs_no_second_factor_on_the_servers_of_bin_up(client, officer, settings):
    client.force_login(officer)
    settings.EMBEDDED_SERVERS = True
    assert client.get(reverse("admin:index")).status_code == 302

    SampleRecord.objects.create(label="accounts.user", key=str(officer.pk))
    assert client.get(reverse("admin:index")).status_code == 200

    settings.EMBEDDED_SERVERS = False
    assert client.get(reverse("admin:index")).status_code == 302


def test_commands_and_tasks_act_for_an_officer_without_a_sign_in(officer):
    assert User.objects.get(pk=officer.pk).current_roles == {OFFICER}


def test_asking_for_the_second_factor_costs_no_statement(client, officer):
    def cost(user):
        client.force_login(user)
        return statements(client, reverse("anso_portal:home"))

    assert cost(UserFactory()) == cost(officer) == cost(UserFactory(roles=[OFFICER]))


def test_password_alone_does_not_sign_in_where_there_is_a_second_factor(client):
    user = UserFactory(roles=[OFFICER], password="correct horse battery staple")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)

    response = client.post(reverse("account_login"), {"login": user.email, "password": "correct horse battery staple"})

    assert response["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "address",
    [
        reverse("mfa_activate_totp"),
        reverse("mfa_add_webauthn"),
        reverse("mfa_edit_webauthn", args=[1]),
        reverse("mfa_remove_webauthn", args=[1]),
        reverse("mfa_generate_recovery_codes"),
    ],
)
def test_what_a_visitor_sends_is_not_kept(client, address):
    response = client.post(address, {"text": "x" * 10_000})

    assert response["Location"] == f"/accounts/login/?next={address}"
    assert not Session.objects.exists()
