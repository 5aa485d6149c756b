"""Four real sets of rules, and the examples that the documentation shows."""

import datetime
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from toolkit import eligibility
from toolkit.eligibility import Entry, Party, check, describe, validate
from toolkit.eligibility.grammar import SHAPES

EXAMPLES = Path(eligibility.__file__).parent / "examples"
DOCUMENT = Path(eligibility.__file__).parents[2] / "docs" / "eligibility.md"
LISTS = {
    "mainland_china": frozenset({"CN"}),
    "belmont_participating": frozenset({"KE", "DE", "PK"}),
    "apn_developing": frozenset({"NP", "PK"}),
}
NAMES = {
    "mainland_china": "mainland China",
    "least_developed": "the least developed countries",
    "on_site": "participants on site",
    "capacity_building": "capacity building",
}
KEMRI = Party("kemri", "KEMRI", "KE", "lead", member=True)
NUST = Party("nust", "NUST", "PK", "partner", member=True)
TU = Party("tu", "Tribhuvan University", "NP", "partner", member=False)
CAS = Party("cas", "CAS", "CN", "partner", member=True)
MARCH = {"starts_on": datetime.date(2027, 3, 1)}


def parties(*those, **rest):
    return Entry(parties=those, **rest)


MEETING = parties(
    KEMRI, replace(NUST, role="co_host"), lead_person_has=0, sites=("KE",), counts={"on_site": 50}, currency="EUR"
)
BELMONT = parties(KEMRI, NUST, replace(TU, country="DE"), CAS)
ONE_COUNTRY = parties(TU, replace(TU, key="ku"), tags=frozenset({"capacity_building"}))
HOME, HOST = replace(KEMRI, role="home"), replace(NUST, role="host")
STAY = parties(HOME, HOST, **MARCH, ends_on=datetime.date(2027, 3, 31))


@pytest.mark.parametrize(
    ("name", "entry", "met"),
    [
        ("anso_conference_2024", MEETING, [True] * 4),
        ("anso_conference_2024", replace(MEETING, parties=(CAS, *MEETING.parties[1:])), [False, True, True, True]),
        (
            "anso_conference_2024",
            replace(MEETING, parties=(replace(KEMRI, country="CN"), MEETING.parties[1])),
            [False, True, True, True],
        ),
        (
            "anso_conference_2024",
            replace(MEETING, parties=(replace(KEMRI, member=False), MEETING.parties[1])),
            [False, True, True, True],
        ),
        ("anso_conference_2024", replace(MEETING, parties=(KEMRI, NUST)), [True, False, True, True]),
        (
            "anso_conference_2024",
            replace(MEETING, parties=(KEMRI, replace(TU, role="co_host"))),
            [True, False, True, True],
        ),
        ("anso_conference_2024", replace(MEETING, sites=("CN",)), [True, True, False, True]),
        ("anso_conference_2024", replace(MEETING, sites=("HK",)), [True] * 4),
        ("anso_conference_2024", replace(MEETING, counts={"on_site": 49}), [True, True, True, False]),
        ("belmont_forum", BELMONT, [True]),
        ("belmont_forum", parties(KEMRI, NUST, CAS), [False]),
        ("apn", parties(KEMRI, NUST), [True]),
        ("apn", ONE_COUNTRY, [True]),
        ("apn", replace(ONE_COUNTRY, tags=frozenset()), [False]),
        ("apn", parties(KEMRI, tags=frozenset({"capacity_building"})), [False]),
        ("cost_stsm", STAY, [True, True]),
        ("cost_stsm", replace(STAY, parties=(HOME, replace(HOST, country="KE"))), [False, True]),
        ("cost_stsm", replace(STAY, parties=(HOME,)), [False, True]),
        ("cost_stsm", replace(STAY, ends_on=datetime.date(2027, 3, 4)), [True, False]),
        ("cost_stsm", replace(STAY, ends_on=datetime.date(2027, 5, 30)), [True, False]),
    ],
)
def test_four_real_sets_of_rules(name, entry, met):
    rules = json.loads((EXAMPLES / f"{name}.json").read_text())
    validate(rules)

    findings = check(rules, entry, lists=LISTS, names=NAMES)

    assert [finding.met for finding in findings] == met
    assert [bool(finding.missing) for finding in findings] == [not verdict for verdict in met]


def test_documented_rules_are_valid_and_say_what_is_written_beside_them():
    rows = re.findall(
        r"`(\{.*\})` \| (.*) \|", DOCUMENT.read_text().replace("RULE", '{"rule": "tag", "is": "training"}')
    )
    documented = [(json.loads(rule), sentence) for rule, sentence in rows]

    validate([rule for rule, _sentence in documented])
    assert {rule["rule"] for rule, _sentence in documented} == set(SHAPES)
    for rule, sentence in documented:
        assert "…" in sentence or describe(rule, NAMES) == sentence
