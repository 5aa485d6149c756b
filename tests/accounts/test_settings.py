"""The pages of the own account: what they change, whom they let in, and that each is a page of ours."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from notifications.models import Delivery
from notifications.sender import drain
from tests.factories import PASSWORD, UserFactory
from tests.notifications.conftest import parse
from tests.pages import body, heading, links, statements, title, words
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

SETTINGS = reverse("account_settings")


@pytest.fixture(autouse=True)
def unlimited(settings):
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def user(client):
    user = UserFactory(email="reader@example.org", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return user


def test_settings_change_name_language_and_zone(client, user, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    response = client.post(SETTINGS, {"name": "Ada", "language": "en", "time_zone": "Asia/Karachi"})

    assert response["Location"] == SETTINGS
    assert "Your settings are saved." in words(client.get(SETTINGS))
    user.refresh_from_db()
    assert (user.name, user.language, user.time_zone) == ("Ada", "en", "Asia/Karachi")


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("name", "Ada <b>"), ("language", "xx"), ("time_zone", "Mars/Olympus")]
)
def test_settings_refuse_what_would_not_do(client, user, field, value):
    data = {"name": "Ada", "language": "en", "time_zone": "UTC", field: value}

    assert client.post(SETTINGS, data).status_code == 422
    assert User.objects.get().name == user.name


def test_settings_take_no_other_field(client, user):
    data = {
        "name": "Ada",
        "language": "en",
        "time_zone": "UTC",
        "email": "evil@example.org",
        "is_active": "",
        "id": "1",
    }
    client.post(SETTINGS, data)

    user.refresh_from_db()
    assert (user.email, user.is_active) == ("reader@example.org", True)


def test_settings_lead_on_and_are_for_those_who_signed_in(client, user):
    names = [
        "account_email",
        "account_change_password",
        "mfa_index",
        "usersessions_list",
        "account_data",
        "account_delete",
    ]
    assert {reverse(name) for name in names} <= set(links(client.get(SETTINGS)))
    assert client.put(SETTINGS).status_code == 405

    client.logout()
    assert client.get(SETTINGS)["Location"] == f"{reverse('account_login')}?next={SETTINGS}"
    assert client.post(SETTINGS).status_code == 302


PAGES = [
    *["account_email", "account_change_password", "mfa_index", "mfa_list_webauthn", "mfa_add_webauthn"],
    *["mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"],
    *["usersessions_list", "account_logout", "account_reauthenticate", "mfa_reauthenticate"],
    *["account_reset_password", "account_reset_password_done", "account_inactive"],
    *["account_reset_password_from_key_done", "account_login", "account_signup", "account_signup_by_passkey"],
]
AT_THE_DOOR = {"account_login", "account_signup", "account_signup_by_passkey"}


@pytest.mark.parametrize("name", PAGES)
def test_page_of_sign_in_is_one_of_ours(client, user, name):
    """One heading, a title, nothing inline, our words for the way back, and no more statements than any page."""
    if name in {"mfa_deactivate_totp", "mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"}:
        totp.TOTP.activate(user, totp.generate_totp_secret())
        RecoveryCodes.activate(user)
    if name == "mfa_list_webauthn":
        key = {"name": "Key <b>", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
        Authenticator.objects.create(user=user, type="webauthn", data=key)
    if name in AT_THE_DOOR:
        client.logout()
    page = client.get(reverse(name))

    assert page.status_code == 200
    assert heading(page)
    assert title(page) == f"{title(page).split(' · ')[0]} · ANSO Portal"
    assert "<style" not in body(page)
    assert " style=" not in body(page)
    assert "Two-Factor" not in body(page)
    assert "Key <b>" not in body(page)
    assert statements(client, reverse(name)) <= 14


def test_password_of_an_account_without_one_is_chosen(client, user):
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert client.get(reverse("account_change_password"))["Location"] == reverse("account_set_password")
    assert heading(client.get(reverse("account_set_password"))) == "Choose a password"

    client.post(reverse("account_set_password"), {"password1": PASSWORD, "password2": PASSWORD})

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert Delivery.objects.get().purpose == "account.password_set"


def test_what_changes_the_sign_in_asks_again_after_a_while(client, user):
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 1.0}]
    session.save()

    for name in ("mfa_activate_totp", "mfa_add_webauthn"):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_reauthenticate"))
    response = client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not Delivery.objects.exists()


def test_t30_looking_at_the_addresses_makes_none(client, user):
    EmailAddress.objects.all().delete()

    assert client.get(reverse("account_email")).status_code == 200
    assert not EmailAddress.objects.exists()


def test_recovery_code_signs_in_once(client, user):
    totp.TOTP.activate(user, totp.generate_totp_secret())
    codes = RecoveryCodes.activate(user)
    code = codes.get_unused_codes()[0]
    assert code not in repr(list(Authenticator.objects.values()))

    def sign_in():
        client.logout()
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
        return client.post(reverse("mfa_authenticate"), {"code": code})

    assert sign_in().status_code == 302
    assert sign_in().status_code == 422


def test_what_was_sealed_with_another_key_lets_nobody_in(client, user, settings):
    totp.TOTP.activate(user, totp.generate_totp_secret())
    RecoveryCodes.activate(user)
    Authenticator.objects.filter(type="totp").update(data={"secret": "not ours"})
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "not ours", "used_mask": 0})
    client.logout()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    empty = totp.format_hotp_value(totp.hotp_value("", next(totp.yield_hotp_counters_from_time())))
    assert client.post(reverse("mfa_authenticate"), {"code": empty}).status_code == 422
    assert "_auth_user_id" not in client.session


# --- T34: addresses that look alike


LOOK_ALIKES = ["READER@example.org", "reader@EXAMPLE.org", "reader@ｅｘａｍｐｌｅ.org", "reader@exa\u00admple.org"]
IMPOSSIBLE = ["reade\u0280@example.org", "ｒeader@example.org", "read\u0435r@example.org", "\u017freader@example.org"]


@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_t34_other_spelling_of_an_address_reaches_its_owner_alone(client, user, settings, tmp_path, address):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    client.logout()
    client.post(reverse("account_signup"), {"name": "Eve", "email": address, "password1": "three green engines"})
    client.post(reverse("account_reset_password"), {"email": address})
    client.post(reverse("account_request_login_code"), {"email": address})

    drain()
    messages = [parse(path.read_bytes()) for path in (tmp_path / "mail").glob("*.eml")]
    assert len(messages) == 3
    assert {message["To"] for message in messages} == {"reader@example.org"}
    assert "You have an account already" in {message["Subject"] for message in messages}
    assert User.objects.count() == 1


@pytest.mark.parametrize("address", IMPOSSIBLE)
@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_request_login_code"])
def test_t34_look_alike_of_an_address_is_refused_in_every_form(client, user, name, address):
    client.logout()
    response = client.post(reverse(name), {"name": "Eve", "email": address})

    assert response.status_code == 422
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_request_login_code"])
def test_t34_letter_that_lower_case_makes_plain_leads_to_the_plain_mailbox(client, name):
    """The sign of the kelvin is a k then, in what is looked up and in where the mail goes alike."""
    client.post(reverse(name), {"name": "Eve", "email": "\u212aim@example.org"})

    assert Delivery.objects.get().address == "kim@example.org"


def test_t34_second_address_of_another_account_changes_nothing(client, user):
    owner = UserFactory(email="owner@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    client.post(reverse("account_email"), {"email": "OWNER@example.org", "action_add": ""})

    assert User.objects.of_address("owner@example.org") == owner
    assert EmailAddress.objects.filter(user=user).count() == 1


def test_t34_database_holds_the_one_spelling():
    from django.db import IntegrityError, transaction

    UserFactory(email="reader@example.org")
    for address in ("Reader@example.org", "reader@bücher.de", "\u212a@example.org", "reader@example.org"):
        with pytest.raises(IntegrityError), transaction.atomic():
            UserFactory(email=address)
    assert User.objects.create_user(" Info@BÜCHER.de").email == "info@xn--bcher-kva.de"


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_role_begins_today_whatever_zone_its_giver_is_in(zone):
    """At every hour one of the two has another date than UTC."""
    with timezone.override(zone):
        officer = UserFactory(roles=["officer"])

    assert officer.alliance_roles.get().starts_on == database_today()
    assert officer.alliance_roles.current().exists()
