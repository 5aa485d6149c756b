"""Signing in with ORCID or an OpenID Connect provider: there where it is configured, and nowhere else."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, resolve, reverse

from accounts.models import User
from anso_portal import environment
from anso_portal.adapter import ProviderAdapter
from notifications.models import Delivery
from notifications.sender import drain
from tests.accounts.urls_with_providers import PROVIDERS
from tests.factories import UserFactory
from tests.notifications.conftest import parse
from tests.pages import body, heading, statements, words

pytestmark = pytest.mark.django_db

SIGN_IN, CONFIRM = reverse("account_login"), reverse("account_confirm_login_code")
OIDC, CALLBACK = "/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"
TOLD = {"sub": "4711", "name": "Ada Lovelace", "email": "Ada@Example.org", "email_verified": True, "picture": "x"}


@pytest.fixture
def configured(settings, tmp_path, monkeypatch):
    settings.SOCIALACCOUNT_PROVIDERS = PROVIDERS
    settings.ROOT_URLCONF = "tests.accounts.urls_with_providers"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr(ProviderAdapter, "get_requests_session", lambda self: Provider())


class Provider:
    """What the server of the provider answers."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def get(self, url, **_options):
        return Answer(
            {
                "https://sso.example/.well-known/openid-configuration": {
                    "issuer": "https://sso.example",
                    "authorization_endpoint": "https://sso.example/authorize",
                    "token_endpoint": "https://sso.example/token",
                    "userinfo_endpoint": "https://sso.example/me",
                    "jwks_uri": "https://sso.example/keys",
                },
                "https://sso.example/me": TOLD,
            }[url]
        )

    def request(self, method, url, **_options):
        assert (method, url) == ("POST", "https://sso.example/token")
        return Answer({"access_token": "token", "token_type": "Bearer"})

    def post(self, url, **options):
        return self.request("POST", url, **options)


class Answer:
    status_code, headers = 200, {"content-type": "application/json"}

    def __init__(self, data):
        self.data = data

    def json(self):
        return self.data

    def raise_for_status(self):
        pass


def come_back(client, start=OIDC):
    """Goes to the provider and comes back signed in there."""
    away = client.post(start)["Location"]
    assert away.startswith("https://sso.example/authorize?")
    state = parse_qs(urlsplit(away).query)["state"][0]
    return client.get(CALLBACK, {"code": "given", "state": state})


def code_in(folder) -> str:
    drain()
    (path,) = folder.glob("*.eml")
    return re.search(r"[B-Z]{4}-[B-Z]{4}", parse(path.read_bytes()).get_body(("plain",)).get_content())[0]


@pytest.mark.parametrize(
    "address",
    [
        *["/accounts/3rdparty/", "/accounts/3rdparty/signup/", "/accounts/3rdparty/login/error/", OIDC, CALLBACK],
        *["/accounts/orcid/login/", "/accounts/orcid/login/callback/", "/accounts/social/signup/"],
    ],
)
def test_provider_that_is_not_configured_is_not_there(client, address):
    client.force_login(UserFactory())

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("socialaccount_connections")
    assert resolve(SIGN_IN)


def test_page_offers_what_is_configured_and_asks_the_database_for_nothing(client, settings):
    before = statements(client, SIGN_IN)
    assert "ORCID" not in words(client.get(SIGN_IN))
    assert "Sign-in with other accounts" not in body(client.get(reverse("account_settings")))

    settings.SOCIALACCOUNT_PROVIDERS, settings.ROOT_URLCONF = PROVIDERS, "tests.accounts.urls_with_providers"

    assert "Use ORCID Use Academy Sign-in" in words(client.get(SIGN_IN)) or "Use ORCID" in words(client.get(SIGN_IN))
    assert "Use Academy Sign-in" in words(client.get(SIGN_IN))
    assert statements(client, SIGN_IN) == before


def test_first_time_asks_for_the_address_and_makes_an_account_when_it_has_proved_right(client, configured, tmp_path):
    assert come_back(client, f"{OIDC}?next=/about/")["Location"] == "/accounts/3rdparty/signup/"
    page = client.get("/accounts/3rdparty/signup/")
    assert heading(page) == "Make an account"
    assert "ada@example.org" in body(page)
    assert "Ada Lovelace" in body(page)

    response = client.post("/accounts/3rdparty/signup/", {"name": "Ada Lovelace", "email": "ada@example.org"})
    assert response["Location"] == CONFIRM
    assert not User.objects.exists()
    client.post(CONFIRM, {"code": code_in(tmp_path / "mail")})

    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.email, user.name, user.has_usable_password()) == ("ada@example.org", "Ada Lovelace", False)
    assert SocialAccount.objects.values("user", "provider", "uid", "extra_data").get() == {
        "user": user.pk,
        "provider": "sso",
        "uid": "4711",
        "extra_data": {},
    }
    assert not SocialToken.objects.exists()


def test_second_time_signs_in_and_asks_for_the_second_factor(client, configured):
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    SocialAccount.objects.create(user=user, provider="sso", uid="4711")

    assert come_back(client)["Location"] == reverse("anso_portal:desk")
    assert client.session["_auth_user_id"] == str(user.pk)
    client.logout()

    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    assert come_back(client)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


def test_account_of_the_same_address_is_signed_in_but_not_joined(client, configured, tmp_path):
    """What the provider says of an address opens nothing; the mailbox does, and only this once."""
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)

    come_back(client)
    client.post("/accounts/3rdparty/signup/", {"name": "Ada", "email": "ada@example.org"})

    assert "_auth_user_id" not in client.session
    drain()
    assert Delivery.objects.get().purpose == "account.signup_code"
    assert "You have an account already" in next((tmp_path / "mail").glob("*.eml")).read_text()
    assert not SocialAccount.objects.exists()


def test_signed_in_one_joins_and_takes_off(client, configured):
    user = UserFactory(email="reader@example.org", password="correct horse battery staple")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client.post(SIGN_IN, {"login": user.email, "password": "correct horse battery staple"})

    assert come_back(client, f"{OIDC}?process=connect")["Location"] == "/accounts/3rdparty/"
    account = SocialAccount.objects.get(user=user)
    assert "4711" in words(client.get("/accounts/3rdparty/"))
    client.post("/accounts/3rdparty/", {"account": account.pk})

    assert not SocialAccount.objects.exists()
    assert [row.purpose for row in Delivery.objects.order_by("pk")] == [
        "socialaccount.account_connected",
        "socialaccount.account_disconnected",
    ]
    assert Delivery.objects.first().context["provider"] == "Academy Sign-in"


def test_provider_that_fails_or_forgets_leads_to_a_page_of_ours(client, configured):
    assert heading(client.get(CALLBACK, {"error": "access_denied"})) in {
        "This did not work",
        "You came back without signing in",
    }
    assert client.get("/accounts/oidc/other/login/").status_code == 404
    assert client.get("/accounts/orcid/login/").status_code == 200


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"ORCID_CLIENT_ID": "APP-1"}, "ORCID_CLIENT_SECRET"),
        ({"OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x", "OIDC_URL": "https://sso.example"}, "OIDC_NAME"),
        (
            {"OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x", "OIDC_URL": "http://sso.example", "OIDC_NAME": "x"},
            "https",
        ),
    ],
)
def test_half_a_provider_is_refused_by_name(monkeypatch, given, missing):
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=missing):
        environment.sign_in_providers()


def test_providers_are_read_and_the_policy_of_the_pages_lets_the_browser_go_there(monkeypatch):
    assert environment.sign_in_providers() == {}
    for name in ("ORCID_CLIENT_ID", "ORCID_CLIENT_SECRET", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("OIDC_URL", "https://sso.example/realms/academy")

    providers = environment.sign_in_providers()

    assert set(providers) == {"orcid", "openid_connect"}
    assert environment.provider_origins(providers) == ["https://orcid.org", "https://sso.example"]


POLICY = """
from django.conf import settings
from anso_portal.csp import build_policy
print([part for part in build_policy(settings.SECURE_CSP).split("; ") if part.startswith("form-action")][0])
"""
ORCID = {"ORCID_CLIENT_ID": "APP-1", "ORCID_CLIENT_SECRET": "x", "ORCID_DOMAIN": "sandbox.orcid.org"}
SSO = {
    "OIDC_NAME": "x",
    "OIDC_CLIENT_ID": "x",
    "OIDC_CLIENT_SECRET": "x",
    "OIDC_URL": "https://sso.example:8443/realms/a",
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "form-action 'self'"),
        (ORCID, "form-action 'self' https://sandbox.orcid.org"),
        (SSO, "form-action 'self' https://sso.example:8443"),
        (ORCID | SSO, "form-action 'self' https://sandbox.orcid.org https://sso.example:8443"),
    ],
)
def test_pages_of_a_portal_name_its_providers_and_no_other(given, expected):
    """Chromium stops the redirect that answers the button's POST unless the page names where it leads."""
    needed = {
        "ANSO_IGNORE_RUNNING_PORTAL": "1",
        "DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "only-for-this-test-and-never-for-anything-else",
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith(("ANSO_", "ORCID_", "OIDC_"))}
    run = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", POLICY],
        cwd=Path(__file__).resolve().parents[2],
        env={**others, **needed, **given},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == expected
