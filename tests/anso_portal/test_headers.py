"""What every answer carries, whichever part of the portal gives it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse

from anso_portal import urls
from anso_portal.models import Branding
from tests.factories import PASSWORD, InstitutionFactory, OfferFactory, ProjectFactory, UserFactory
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "ANSO_IGNORE_RUNNING_PORTAL": "1",
    "DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "a-key-of-production-is-random-and-has-fifty-characters-or-more",
    "PORTAL_BASE_URL": "https://portal.example.org",
    "ALLOWED_HOSTS": "portal.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


def manage(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**environment, **PRODUCTION},
        capture_output=True,
        text=True,
        timeout=60,
    )


# --- On every answer

PROBLEMS = {
    "denied": PermissionDenied("Somebody else may."),
    "suspicious": SuspiciousOperation("for the log"),
    "broken": ZeroDivisionError("for the log"),
    "database": OperationalError("server closed the connection"),
}


def problem(request, name):
    raise PROBLEMS[name]


urlpatterns = [
    path("problem/<str:name>/", problem),
    path("file/", lambda request: HttpResponse("<script>", content_type="image/svg+xml")),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500

PAGE_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
}
SANDBOX = {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}


def policy(response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize(
    ("method", "address", "status", "expected"),
    [
        ("get", "/", 200, PAGE_POLICY),
        ("head", "/", 200, PAGE_POLICY),
        ("options", "/", 405, PAGE_POLICY),
        ("get", "/members", 301, PAGE_POLICY),
        ("get", "/accounts/login/", (200, 302), PAGE_POLICY),
        ("get", "/admin/", (302, 404), PAGE_POLICY),
        ("get", "/desk/", (200, 302), PAGE_POLICY),
        ("get", "/nowhere/", 404, PAGE_POLICY),
        ("get", "/projects/?page=x", 400, PAGE_POLICY),
        ("post", "/about/", 405, PAGE_POLICY),
        ("get", "/problem/denied/", 403, PAGE_POLICY),
        ("get", "/problem/suspicious/", 400, PAGE_POLICY),
        ("get", "/problem/broken/", 500, PAGE_POLICY),
        ("get", "/problem/database/", 503, PAGE_POLICY),
        ("get", "/projects/?format=csv", 200, SANDBOX),
        ("get", "/projects/?format=xlsx", 200, SANDBOX),
        ("get", "/projects/?format=json", 200, SANDBOX),
        ("get", "/robots.txt", 200, SANDBOX),
        ("get", "/sitemap.xml", 200, SANDBOX),
        ("get", "/portal.css", 200, SANDBOX),
        ("get", "/healthz", 200, SANDBOX),
        ("get", "/readyz", 503, SANDBOX),
        ("get", "/file/", 200, SANDBOX),
    ],
)
def test_every_answer_carries_the_headers(settings, method, address, status, expected, signed_in):
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)
    if signed_in:
        client.force_login(UserFactory())

    response = getattr(client, method)(address)

    assert response.status_code in (status if isinstance(status, tuple) else (status,))
    assert policy(response) == expected
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    if signed_in and "public" not in response.get("Cache-Control", ""):
        assert response["Cache-Control"] == "private, no-store"
        assert "Cookie" in response["Vary"]


def test_unknown_host_gets_the_headers_too(client):
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert policy(response) == SANDBOX


def test_upload_is_closed_by_what_it_is(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Branding.objects.create(logo=ContentFile(b"\x89PNG", name="logo.png"))

    response = client.get("/media/branding/logo.png")

    assert response["Content-Type"] == "image/png"
    assert policy(response) == SANDBOX
    assert response["X-Content-Type-Options"] == "nosniff"


def test_static_files_carry_the_headers_and_open_to_no_other_site(client, settings, tmp_path):
    (tmp_path / "x.css").write_text("a{}")
    settings.STATIC_ROOT, settings.WHITENOISE_AUTOREFRESH = tmp_path, True

    response = Client().get("/static/x.css")

    assert response.status_code == 200
    assert policy(response) == SANDBOX
    assert "Access-Control-Allow-Origin" not in response


# --- Nothing stands inline


INLINE = re.compile(r"""(?isx) \sstyle\s*=\s*["'] | <style\b | \son[a-z]+\s*=\s*["'] | javascript:
    | <script\b (?![^>]*\bsrc=) (?![^>]*type="application/(?:ld\+)?json") """)


def desk_pages():
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")


@pytest.mark.time_limit(120)  # every page that there is
@pytest.mark.parametrize("person", ["anonymous", "administrator"])
def test_no_page_holds_inline_style_or_script(client, person):
    institution, offer, project = InstitutionFactory(member=True), OfferFactory(open=True), ProjectFactory()
    pages = ["/", "/about/", "/privacy/", "/accessibility/", "/members/", "/projects/", "/centers/", "/exchanges/"]
    pages += ["/search/?q=a", "/countries/PK/", "/report/", "/nowhere/", "/projects/?page=x", "/accounts/login/"]
    pages += ["/accounts/password/reset/"]
    pages += [record.get_absolute_url() for record in (institution, offer, project)]
    if person == "administrator":
        client.force_login(UserFactory(roles=["administrator"]))
        pages += ["/desk/", "/desk/inbox/", "/desk/notifications/", "/accounts/email/", "/accounts/password/change/"]
        pages += ["/admin/", "/admin/members/institution/export/", "/admin/members/institution/import/"]
        pages += [reverse("admin:members_institution_change", args=[institution.pk]), *desk_pages()]
        pages += [reverse("admin:exchanges_offer_change", args=[offer.pk])]

    seen = {page: client.get(page) for page in pages}

    assert {page: INLINE.findall(body(seen[page])) for page in pages if INLINE.search(body(seen[page]))} == {}
    assert {page for page, response in seen.items() if response.status_code >= 500} == set()


@pytest.mark.parametrize(
    "markup",
    ['<p style="x">', "<style>", "<a onclick='x'>", '<a href="javascript:x">', "<script>x", '<script type="module">'],
)
def test_the_search_for_inline_parts_finds_them(markup):
    assert INLINE.search(markup)


@pytest.mark.parametrize("markup", ['<script src="/x.js">', '<script type="application/ld+json">', '<a class="on">'])
def test_the_search_for_inline_parts_lets_the_others_pass(markup):
    assert not INLINE.search(markup)


# --- Who may keep a copy


class NaiveCache:
    """A proxy that keeps every page it is not forbidden to keep, and looks at Vary but not at anything else."""

    def __init__(self):
        self.kept = {}

    def get(self, client, address):
        for kept_for, response in self.kept.get(address, []):
            if kept_for == self._key(client, response):
                return response, True
        response = client.get(address)
        control = response.get("Cache-Control", "")
        if "no-store" not in control and "private" not in control and not response.cookies:
            self.kept.setdefault(address, []).append((self._key(client, response), response))
        return response, False

    @staticmethod
    def _key(client, response):
        return client.cookies.output() if "Cookie" in response.get("Vary", "") else ""


def test_t31_two_people_behind_one_cache_never_see_each_others_pages():
    people = {name: UserFactory(name=f"Reader {name}", roles=["administrator"]) for name in ("Amira", "Boris")}
    clients = {name: Client() for name in people}
    for name, person in people.items():
        clients[name].force_login(person)
    clients["nobody"] = Client()
    proxy, project = NaiveCache(), ProjectFactory()
    addresses = ["/", "/desk/", "/desk/inbox/", "/members/", "/nowhere/", "/projects/?page=x", "/admin/", "/report/"]
    addresses += [
        "/accounts/email/",
        "/about/",
        project.get_absolute_url(),
        "/admin/accounts/user/",
        "/desk",
        "/readyz",
    ]

    for _round in range(3):
        for address in addresses:
            for name, client in clients.items():
                response, from_cache = proxy.get(client, address)
                text = body(response)
                others = [f"Reader {other}" for other in people if other != name]
                assert not from_cache or name == "nobody", (name, address)
                if address != "/admin/accounts/user/" or name == "nobody":
                    assert not [other for other in others if other in text], (name, address)


def test_t31_what_is_the_same_for_everybody_may_be_kept(client):
    client.force_login(UserFactory())

    assert client.get("/portal.css")["Cache-Control"] == "public, max-age=86400"
    assert client.get("/robots.txt")["Cache-Control"] == "public, max-age=86400"


def test_t31_answer_that_signs_in_is_nobody_elses(client):
    UserFactory(email="me@example.org", password=PASSWORD)

    response = client.post("/accounts/login/", {"login": "me@example.org", "password": PASSWORD})

    assert "sessionid" in response.cookies or "account" in response["Location"]
    assert response["Cache-Control"] == "private, no-store"


# --- A wrong method


@pytest.mark.parametrize("signed_in", [False, True])
def test_wrong_method_gets_a_page_that_says_what_works(client, signed_in):
    if signed_in:
        client.force_login(UserFactory())

    response = client.post("/about/")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"
    assert heading(response) == "This does not work here"
    assert "nothing can be sent to it" in words(response)
    assert "Read the page" in words(response)


def test_address_of_a_form_says_that_it_takes_forms(client):
    client.force_login(UserFactory())

    response = client.get("/desk/inbox/read/")

    assert response.status_code == 405
    assert "only takes what a form sends" in words(response)
    assert "Read the page" not in words(response)


# --- In production


def test_check_of_the_deployment_is_clean():
    run = manage("check", "--deploy", "--fail-level", "WARNING")

    assert run.returncode == 0, run.stderr
    assert "0 silenced" not in run.stderr + run.stdout  # Two are, with their reasons; any other is a failure above.


NAMES = """
import json
from django.conf import settings
names = ("SESSION_COOKIE_NAME CSRF_COOKIE_NAME LANGUAGE_COOKIE_NAME MESSAGES_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE "
    "LANGUAGE_COOKIE_SECURE SESSION_COOKIE_DOMAIN CSRF_COOKIE_DOMAIN LANGUAGE_COOKIE_DOMAIN SESSION_COOKIE_PATH CSRF_COOKIE_PATH "
    "LANGUAGE_COOKIE_PATH SESSION_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE SECURE_HSTS_SECONDS SECURE_HSTS_INCLUDE_SUBDOMAINS "
    "SECURE_SSL_REDIRECT SECURE_SSL_HOST").split()
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


@pytest.fixture(scope="module")
def production():
    run = manage("shell", "--no-imports", "-c", NAMES)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_cookies_of_production_belong_to_this_host_alone(production):
    for cookie in ("SESSION", "CSRF", "LANGUAGE", "MESSAGES"):
        assert production[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert production[f"{cookie}_COOKIE_SECURE"] is True
        assert production[f"{cookie}_COOKIE_DOMAIN"] is None
        assert production[f"{cookie}_COOKIE_PATH"] == "/"
    assert production["SESSION_COOKIE_HTTPONLY"] is True
    assert production["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_cookies_are_sent_so(settings, production):
    for name, value in production.items():
        setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    client = Client(SERVER_NAME="portal.example.org")
    client.get("/report/", secure=True)
    UserFactory(email="me@example.org", password=PASSWORD)
    client.post("/accounts/login/", {"login": "me@example.org", "password": PASSWORD}, secure=True)

    assert {"__Host-csrftoken", "__Host-sessionid"} <= set(client.cookies)
    assert not [name for name in client.cookies if not name.startswith("__Host-")]
    for cookie in client.cookies.values():
        assert (cookie["secure"], cookie["path"], cookie["domain"], cookie["samesite"]) == (True, "/", "", "Lax")
        assert cookie["httponly"]


def test_browsers_are_told_to_stay_with_tls(settings, production):
    for name in ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_SSL_REDIRECT", "SECURE_SSL_HOST"):
        setattr(settings, name, production[name])
    client = Client()

    for address in ("/about/", "/nowhere/", "/robots.txt", "/healthz"):
        response = client.get(address, secure=True)
        assert response["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert client.get("/about/")["Location"] == "https://portal.example.org/about/"
    assert client.get("/healthz").status_code == 200
