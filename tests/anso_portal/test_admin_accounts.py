import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import User
from notifications.models import Delivery
from tests.desk import errors, queries_of, send
from tests.factories import InstitutionRoleFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")


@pytest.fixture
def administrator():
    return UserFactory(roles=["administrator"], email="admin@example.org")


@pytest.fixture
def desk(client, administrator):
    client.force_login(administrator)
    return client


def page(user, name="change"):
    return reverse(f"admin:accounts_user_{name}", args=[user.pk])


def test_new_account_gets_a_link_and_no_password(desk):
    response = send(desk, ADD, {"email": "New@Example.org", "name": "New"})

    made = User.objects.get(email="new@example.org")
    assert response.status_code == 302
    assert not made.has_usable_password()
    assert list(EmailAddress.objects.filter(user=made).values_list("email", "primary", "verified")) == [
        ("new@example.org", True, True)
    ]
    mail = Delivery.objects.get()
    assert (mail.address, mail.purpose, mail.sensitive) == ("new@example.org", "account.password_reset_key", True)


def test_new_account_without_a_mail(desk):
    send(desk, ADD, {"email": "new@example.org", "send_link": None})

    assert User.objects.filter(email="new@example.org").exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", ["Dr <b>New", "New://x", "New\u202e", "New\u200b"])
def test_t23_t34_name_that_marks_up_leads_elsewhere_or_hides_is_refused(desk, name):
    response = send(desk, ADD, {"email": "new@example.org", "name": name})

    assert response.status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()


def test_address_is_there_once_whatever_its_case(desk):
    UserFactory(email="one@example.org")

    assert "There is an account with this e-mail address already." in errors(
        send(desk, ADD, {"email": "ONE@example.org"})
    )


def test_changed_address_is_confirmed_at_the_next_sign_in(desk):
    user = UserFactory(email="old@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)

    send(desk, page(user), {"email": "new@example.org"})

    assert list(EmailAddress.objects.filter(user=user).values_list("email", "primary", "verified")) == [
        ("new@example.org", True, False)
    ]


def test_page_shows_no_hash_and_leads_to_setting_a_password(desk):
    user = UserFactory(password="correct horse battery staple")
    text = desk.get(page(user)).content.decode()
    address = reverse("admin:auth_user_password_change", args=[user.pk])

    assert user.password not in text
    assert "md5" not in text
    assert address in text
    assert desk.get(address).status_code == 200

    desk.post(
        address, {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}
    )
    user.refresh_from_db()
    assert user.check_password("another horse battery")


def test_weak_password_is_refused(desk):
    user = UserFactory()

    response = desk.post(
        reverse("admin:auth_user_password_change", args=[user.pk]),
        {"password1": "short", "password2": "short", "usable_password": "true"},
    )

    assert "too short" in response.content.decode()


def test_roles_are_shown_with_the_account_and_changed_elsewhere(desk):
    user = UserFactory(roles=["reviewer"])

    send(desk, page(user), {"alliance_roles-0-role": "administrator", "alliance_roles-0-DELETE": "on"})

    assert "reviewer" in desk.get(page(user)).content.decode()
    assert User.objects.get(pk=user.pk).current_roles == {"reviewer"}


def test_account_of_the_only_focal_point_is_not_closed(desk):
    role = InstitutionRoleFactory(institution__name="Academy of Water")

    response = send(desk, page(role.user), {"is_active": None})

    assert "Academy of Water would be without a focal point." in errors(response)
    role.user.refresh_from_db()
    assert role.user.is_active
    InstitutionRoleFactory(institution=role.institution)
    send(desk, page(role.user), {"is_active": None})
    role.user.refresh_from_db()
    assert not role.user.is_active


def test_nobody_takes_the_desk_from_himself(desk, administrator):
    response = send(desk, page(administrator), {"is_active": None})

    assert "You cannot take this from yourself" in errors(response)
    assert User.objects.get(pk=administrator.pk).current_roles == {"administrator"}


@pytest.mark.parametrize("name", ["change", "delete"])
def test_roles_are_not_changed_on_their_own_page(desk, administrator, name):
    role = UserFactory(roles=["administrator"]).alliance_roles.get()

    response = desk.post(reverse(f"admin:accounts_alliancerole_{name}", args=[role.pk]), {"post": "yes"})

    assert response.status_code == 403
    assert desk.get(reverse("admin:accounts_alliancerole_add")).status_code == 403


def test_accounts_are_closed_and_never_deleted(desk):
    user = UserFactory()

    assert desk.post(page(user, "delete"), {"post": "yes"}).status_code == 403
    send(desk, page(user), {"is_active": None})
    assert not User.objects.get(pk=user.pk).is_active


def test_links_are_sent_to_those_whose_account_is_open(desk):
    users = [UserFactory(), UserFactory(is_active=False)]

    desk.post(LIST, {"action": "send_link", "_selected_action": [user.pk for user in users]})

    assert Delivery.objects.get().address == users[0].email


def test_log_names_no_account(desk):
    user = UserFactory(name="Ibn Sina", email="sina@example.org")
    send(
        desk,
        page(user),
        {"name": "Avicenna"},
        add={"alliance_roles": [{"role": "reviewer", "starts_on": "2024-01-01"}]},
    )

    logged = LogEntry.objects.get()
    assert logged.object_repr == f"user {user.pk}"
    assert "ina" not in logged.change_message.replace("alliance", "")


@pytest.mark.parametrize("role", ["officer", "reviewer"])
def test_others_get_no_account_to_see_or_to_change(client, role):
    me, other = UserFactory(roles=[role]), UserFactory()
    client.force_login(me)

    for address in [LIST, ADD, page(me), page(other), reverse("admin:auth_user_password_change", args=[other.pk])]:
        assert client.get(address).status_code in (403, 404)
        assert client.post(address, {"name": "Changed"}).status_code in (403, 404)
    completion = {"app_label": "accounts", "model_name": "alliancerole", "field_name": "user"}
    assert client.get(reverse("admin:autocomplete"), completion).status_code in (403, 404)


def test_list_asks_as_often_for_three_accounts_as_for_one(desk):
    desk.get(LIST)
    one = queries_of(desk, LIST)
    UserFactory(roles=["officer", "reviewer"])
    UserFactory(roles=["reviewer"])

    assert queries_of(desk, LIST) == one <= 12


def test_list_filters_by_the_role_of_today(desk, administrator):
    UserFactory()

    response = desk.get(LIST, {"role": "administrator"})

    assert list(response.context["cl"].result_list) == [administrator]


def test_second_factor_that_was_lost_is_taken_off_and_the_person_told(desk, administrator):
    officer = UserFactory(roles=["officer"])
    rows = [officer.pk, administrator.pk, UserFactory().pk]

    desk.post(LIST, {"action": "drop_second_factor", "_selected_action": rows})

    assert set(Authenticator.objects.values_list("user", flat=True)) == {administrator.pk}
    assert [(row.address, row.purpose) for row in Delivery.objects.all()] == [
        (officer.email, "account.second_factor_dropped")
    ]
    assert LogEntry.objects.get().object_id == str(officer.pk)


def test_second_factor_is_taken_off_from_outside_where_nobody_gets_in(capsys):
    officer = UserFactory(roles=["officer"])
    call_command("drop_second_factor", officer.email)

    assert not Authenticator.objects.exists()
    for email in (officer.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("drop_second_factor", email)
