"""Junk in every form and every parameter, GETs that must change nothing, and pages that must show text as text."""

import random
import re
from html.parser import HTMLParser

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests import desk
from tests.matrix.cells import SIGN_IN, Row
from tests.matrix.junk import MARK, SCRIPTS, filled, value
from tests.matrix.roles import ANONYMOUS, ROLES
from tests.matrix.table import ROWS
from tests.matrix.test_matrix import NAMES
from tests.matrix.world import build

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.time_limit(900)]
SEED = 20261126
ACTORS = ("administrator", "focal point", "scientist", ANONYMOUS)
# Signing out, or away from the account, ends what the test wants to go on with.
LEAVING = {"account_logout", "admin:logout", "account_delete", "account_deleted"}


def address_of(key: str, world) -> str:
    return NAMES[key.partition(" [")[0]].at(**ROWS[key].path(world)) + ROWS[key].query


def sign_in(client, world, role: str) -> None:
    client.logout()
    if role != ANONYMOUS:
        client.force_login(world.people[role])


def opens(row: Row, method: str, role: str) -> bool:
    return not row.expected(method, role) & {404, 405, SIGN_IN, 403}


def fuzz(client, posts: int) -> list[str]:
    """Sends so many posts, form after form and person after person; gives what broke."""
    dice, world, broken, sent = random.Random(SEED), build(), [], 0
    keys = [key for key in sorted(ROWS) if ROWS[key].post != 405 and key not in LEAVING]
    while sent < posts:
        for role in ACTORS:
            sign_in(client, world, role)
            for key in keys:
                if not opens(ROWS[key], "POST", role):
                    continue
                address, cookies = address_of(key, world), dict(client.cookies)
                with transaction.atomic():
                    cache.clear()
                    page = client.get(address) if opens(ROWS[key], "GET", role) else None
                    shown = desk.fields(page) if page is not None and page.status_code == 200 and page.content else {}
                    data = filled(dice, shown or {"text": [""], "name": [""], "value": [""]})
                    client.raise_request_exception = False
                    response = client.post(address, encodable(data))
                    transaction.set_rollback(True)
                client.cookies.clear()
                client.cookies.update(cookies)
                sent += 1
                if response.status_code >= 500:
                    broken.append(f"{response.status_code} {role} POST {address} {data!r:.600}")
    return broken


def encodable(data: dict[str, list[str]]) -> dict[str, list[str]]:
    """A browser cannot send half of a pair of surrogates; a program can, as bytes that are no UTF-8."""
    return {
        name: [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in texts]
        for name, texts in data.items()
    }


def test_t37_forms_withstand_a_thousand_junk_posts(client):
    assert fuzz(client, 1_000) == []


@pytest.mark.time_limit(3_000)
def test_t37_forms_withstand_ten_thousand_junk_posts(client):
    assert fuzz(client, 10_000) == []


PARAMETERS = [
    "q",
    "page",
    "after",
    "as_of",
    "year",
    "sort",
    "size",
    "country",
    "theme",
    "status",
    "kind",
    "format",
    "member",
    "source",
]


def test_t37_parameters_of_every_page_withstand_junk(client):
    dice, world, broken = random.Random(SEED), build(), []
    client.raise_request_exception = False
    for role in ("administrator", ANONYMOUS):
        sign_in(client, world, role)
        for key in sorted(ROWS):
            if not opens(ROWS[key], "GET", role) or key in LEAVING:
                continue
            for _ in range(3):
                data = {name: value(dice) for name in dice.sample(PARAMETERS, 4)}
                response = client.get(
                    address_of(key, world).partition("?")[0], {n: v.replace("\ud800", "�") for n, v in data.items()}
                )
                if response.status_code >= 500:
                    broken.append(f"{response.status_code} {role} GET {address_of(key, world)} {data!r:.500}")
    assert [line for line in broken if "/readyz" not in line] == []


def everything(without: set[str] = frozenset()) -> dict[str, str]:
    """A digest of all rows of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            if table not in without:
                cursor.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
                )
                found[table] = cursor.fetchone()[0]
    return found


def test_t30_opening_a_page_changes_nothing(client):
    world = build()
    for role in ACTORS:
        sign_in(client, world, role)
        before = everything({"django_session", "usersessions_usersession"})
        for key in sorted(ROWS):
            if opens(ROWS[key], "GET", role):
                client.get(address_of(key, world))
        after = everything({"django_session", "usersessions_usersession"})
        assert {table for table in before if before[table] != after[table]} == set(), role


def test_t47_visitors_leave_no_rows(client):
    """Looking anywhere, and sending nothing at all; a sign-up or report that is whole is throttled, and tested with its form."""
    world = build()
    before = everything()
    for key in sorted(ROWS):
        client.get(address_of(key, world))
        client.post(address_of(key, world), {})
    after = everything()
    assert {table for table in before if before[table] != after[table]} == set()


class _Suspect(HTMLParser):
    """Finds what would run: our mark in a script, in an attribute on…, or in an address that is a program."""

    def __init__(self):
        super().__init__()
        self.found, self.script = [], False

    def handle_starttag(self, tag, attrs):
        self.script = tag == "script"
        for name, text in attrs:
            address = re.sub(r"[\s\x00-\x20]", "", (text or "").lower())
            runs = (
                name.startswith("on")
                or name == "srcdoc"
                or address.startswith(("javascript:", "data:text", "vbscript:"))
            )
            leads = name in ("src", "data", "action") and "evil.example" in address
            if (runs and MARK in (text or "").lower()) or leads or (name.startswith("on") and tag != "form"):
                self.found.append(f"<{tag} {name}={text!r:.80}>")
        if tag in ("iframe", "object", "embed", "base", "math") or (tag == "meta" and "evil" in str(attrs)):
            self.found.append(f"<{tag}>")

    def handle_data(self, text):
        if self.script and MARK in text.lower() and "<" in text:
            self.found.append(f"script: {text[:80]}")

    def handle_endtag(self, tag):
        self.script = False


def test_t19_whatever_is_typed_is_shown_as_text(client):
    """Forms keep what they accept; then every page is read by everybody."""
    dice, world = random.Random(SEED), build()
    client.raise_request_exception = False
    keys = [key for key in sorted(ROWS) if ROWS[key].post != 405 and key not in LEAVING and "delete" not in key]
    for role in ("focal point", "scientist", "administrator"):
        for key in keys:
            if not opens(ROWS[key], "POST", role) or not opens(ROWS[key], "GET", role):
                continue
            sign_in(client, world, role)
            cache.clear()
            try:
                with transaction.atomic():
                    page = client.get(address_of(key, world))
                    if page.status_code != 200:
                        continue
                    shown = {name: texts for name, texts in desk.fields(page).items() if "TOTAL_FORMS" not in name}
                    texts = [name for name in shown if not shown[name] or not shown[name][0].isdigit()]
                    data = shown | {name: [dice.choice(SCRIPTS)] for name in dice.sample(texts, min(3, len(texts)))}
                    response = client.post(address_of(key, world), encodable(data))
                    suspects(response, f"answer to POST {key} as {role}")
            except LookupError:
                continue
    for role in ROLES:
        sign_in(client, world, role)
        for key in sorted(ROWS):
            if opens(ROWS[key], "GET", role) and key not in LEAVING:
                suspects(client.get(address_of(key, world)), f"{key} as {role}")


def suspects(response, where: str) -> None:
    if response.status_code == 200 and "html" in response.get("Content-Type", ""):
        parser = _Suspect()
        parser.feed(response.content.decode())
        assert parser.found == [], where
