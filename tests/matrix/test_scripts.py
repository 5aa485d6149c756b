"""T19: whatever was typed is shown as text, on every page and to everybody."""

import itertools
import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction

from tests.matrix.asking import address_of, breakage, opens
from tests.matrix.junk import MARK, SCRIPTS, encodable
from tests.matrix.roles import ANONYMOUS
from tests.matrix.table import ROWS

# Who sees what others do not; the rest see the pages of one of these.
READERS = (
    *(ANONYMOUS, "scientist", "colleague", "deputy to come", "editor", "focal point", "reviewer", "officer"),
    "administrator",
)
# Thousands of requests in a test, on machines of many speeds.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rare_collections"), pytest.mark.time_limit(180)]


class Suspect(HTMLParser):
    """Finds what would run: our mark in a script, in an attribute on…, or in an address that is a program."""

    def __init__(self):
        super().__init__()
        self.found, self.script, self.marks = [], False, 0

    def handle_starttag(self, tag, attrs):
        kind = dict(attrs).get("type")
        self.script = tag in ("script", "style") and ("<" if kind and "json" in kind else MARK)
        for name, text in attrs:
            text = (text or "").lower()
            address = re.sub(r"[\s\x00-\x20]", "", text)
            programs = ("javascript:", "data:text", "vbscript:")
            runs = name.startswith("on") or name == "srcdoc"
            opened = name in ("href", "src", "action", "formaction", "data", "xlink:href")
            leads = "evil.example" in address and (tag != "a" or name != "href")
            if runs or (opened and (address.startswith(programs) or leads)):
                self.found.append(f"<{tag} {name}={text!r:.80}>")
        if tag in ("iframe", "object", "embed", "base", "math") or (tag == "meta" and "http-equiv" in dict(attrs)):
            self.found.append(f"<{tag}>")

    def handle_data(self, text):
        self.marks += MARK in text.lower()
        if self.script and MARK in text.lower() and self.script in text.lower():
            self.found.append(f"script: {text[:80]}")

    def handle_endtag(self, tag):
        self.script = False


@pytest.mark.parametrize(
    "text", [text for text in SCRIPTS if re.match(r"<(script|img|iframe|body|details|base)\b", text)]
)
def test_what_would_run_is_found(text):
    suspect = Suspect()
    suspect.feed(f"<p>{text}</p>")
    assert suspect.found


# Words that the portal chooses itself, or that are checked before they are kept: they hold no text of anybody.
CHECKED = re.compile(
    "slug|language|zone|state|status|kind|key|token|topic|path|label|model|password|email|address|seed|scheme|hash|"
    "digest|folded|sort|route|idem|message_id|source|target|field|role|scope|code|url|website|orcid|ror|secret|number|"
    "place_kind|precision|name_original|logo|picture|version"
)


def write_into_every_text() -> set[str]:
    """Into the rows as they stand in the database, past the forms; gives the texts that were kept."""
    scripts, kept = itertools.cycle(SCRIPTS), set()
    for model in apps.get_models():
        if not model._meta.managed or model.__module__.startswith(("django", "allauth", "pghistory")):
            continue
        fields = [field for field in model._meta.local_concrete_fields if is_free_text(field)]
        for row, field in itertools.product(model._base_manager.order_by("-pk")[:12], fields):
            text = next(scripts)[: field.max_length]
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row.pk).update(**{field.name: text})
                kept.add(text)
            except DatabaseError:
                continue  # The database holds a rule of its own for it.
    return kept


def is_free_text(field: models.Field) -> bool:
    texts = isinstance(field, (models.CharField, models.TextField)) and not field.choices and not field.primary_key
    return texts and (field.max_length or 100) >= 60 and not CHECKED.search(field.name)


@pytest.fixture(scope="module")
def scripted(browsers):
    """The world, with a script in each of its texts."""
    kept = write_into_every_text()
    assert len(kept) >= 120
    return browsers


def test_there_are_enough_scripts():
    assert len(set(SCRIPTS)) >= 120


@pytest.mark.parametrize("role", READERS)
def test_t19_whatever_was_typed_is_shown_as_text(scripted, role):
    keys = [key for key in sorted(ROWS) if opens(key, "GET", role)]
    shown = [shown_as_text(scripted.ask(role, "GET", address_of(key, scripted.world)), key) for key in keys]
    assert sum(shown) > 100


@pytest.mark.parametrize("role", ["focal point", "scientist", "administrator", ANONYMOUS])
def test_t19_what_a_form_is_given_is_shown_as_text(scripted, role):
    scripts = itertools.cycle(SCRIPTS)
    for key in sorted(ROWS):
        if opens(key, "POST", role) and opens(key, "GET", role):
            address = address_of(key, scripted.world)
            page = scripted.ask(role, "GET", address)
            names = re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page.content.decode())
            data = {name: [next(scripts)] for name in names if not name.endswith("_FORMS")}
            shown_as_text(scripted.ask(role, "POST", address, encodable(data)), f"answer to POST {key}")


def shown_as_text(response, where: str) -> int:
    """Fails where something would run; gives how often a text of ours was shown."""
    assert where == "readyz" or breakage(response) == "", where
    if "html" not in response.get("Content-Type", ""):
        return 0
    suspect = Suspect()
    suspect.feed(response.content.decode())
    assert suspect.found == [], where
    return suspect.marks
