"""T37: junk in every form and in every parameter is answered clearly, never by an error."""

import random

import pytest

from tests import desk
from tests.matrix.asking import NAMES, Browsers, address_of, breakage, opens
from tests.matrix.junk import PARAMETERS, encodable, filled, value
from tests.matrix.roles import ANONYMOUS
from tests.matrix.table import ROWS

# Thousands of requests in a test, on machines of many speeds.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rare_collections"), pytest.mark.time_limit(180)]
SHORT, LONG = 4, 34  # rounds: of each run, and those that bin/test --long adds
ACTORS = ("administrator", "focal point", "scientist", ANONYMOUS)
FORMS = sorted(key for key in ROWS if ROWS[key].post != 405)


PAIRS = [(role, key) for role in ACTORS for key in FORMS if opens(key, "POST", role)]


@pytest.fixture(scope="module")
def forms(browsers) -> dict[tuple[str, str], dict[str, list[str]]]:
    return {(role, key): fields_of(browsers, role, key) for role, key in PAIRS}


def fields_of(browsers: Browsers, role: str, key: str) -> dict[str, list[str]]:
    """What stands in the form; a form without a page of its own has some of the usual names."""
    page = browsers.ask(role, "GET", address_of(key, browsers.world)) if opens(key, "GET", role) else None
    shown = desk.fields(page) if page is not None and page.status_code == 200 else {}
    return shown or {"text": [""], "name": [""], "value": [""], "reason": [""], "token": [""]}


def broken_by_junk(browsers: Browsers, forms, seed: int) -> list[str]:
    """One post to each form by each person."""
    dice, broken = random.Random(seed), []
    for role, key in PAIRS:
        data = encodable(filled(dice, forms[role, key]))
        response = browsers.ask(role, "POST", address_of(key, browsers.world), data)
        if breakage(response):
            broken.append(f"{breakage(response)} {role} POST {key} {data!r:.800}")
    return broken


def test_there_are_enough_posts():
    assert len(PAIRS) * SHORT >= 1_000
    assert len(PAIRS) * (SHORT + LONG) >= 10_000


@pytest.mark.parametrize("seed", range(SHORT))
def test_t37_forms_withstand_a_thousand_junk_posts(browsers, forms, seed):
    assert broken_by_junk(browsers, forms, seed) == []


@pytest.mark.long
@pytest.mark.time_limit(120)
@pytest.mark.parametrize("seed", range(SHORT, SHORT + LONG))
def test_t37_forms_withstand_ten_thousand_junk_posts(browsers, forms, seed):
    assert broken_by_junk(browsers, forms, seed) == []


@pytest.mark.parametrize("role", ["administrator", ANONYMOUS])
def test_t37_parameters_of_every_page_withstand_junk(browsers, role):
    dice, broken = random.Random(role), []
    for key in sorted(ROWS):
        if opens(key, "GET", role):
            address = NAMES[key.partition(" [")[0]].at(**ROWS[key].path(browsers.world))
            data = encodable({name: [value(dice)] for name in dice.sample(PARAMETERS, 5)})
            response = browsers.ask(role, "GET", address, data)
            if breakage(response) and key != "readyz":
                broken.append(f"{breakage(response)} {role} GET {key} {data!r:.800}")
    assert broken == []
