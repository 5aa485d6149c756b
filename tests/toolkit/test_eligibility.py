import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from toolkit.eligibility import Entry, Party, check, describe, validate

NAMES = {
    "KE": "Kenya",
    "PK": "Pakistan",
    "NP": "Nepal",
    "CN": "China",
    "DE": "Germany",
    "mainland_china": "mainland China",
    "least_developed": "the least developed countries",
    "belmont_participating": "the participating countries",
    "apn_developing": "the developing countries of APN",
    "on_site": "participants on site",
    "capacity_building": "capacity building",
}
LISTS = {
    "mainland_china": frozenset({"CN"}),
    "least_developed": frozenset({"NP"}),
    "belmont_participating": frozenset({"KE", "DE", "PK"}),
    "apn_developing": frozenset({"NP", "PK"}),
}
KEMRI = Party("kemri", "KEMRI", "KE", "lead", member=True, amount=Decimal(30_000))
NUST = Party("nust", "NUST", "PK", "partner", member=True, amount=Decimal(10_000))
TU = Party("tu", "Tribhuvan University", "NP", "partner", member=False, amount=Decimal(10_000))
CAS = Party("cas", "CAS", "CN", "partner", member=True, amount=Decimal(0))
SOMEWHERE = Party("new", "Institute of Somewhere", "", "partner", member=False)
MARCH = {"starts_on": datetime.date(2027, 3, 1)}


def found(rule, entry, lists=LISTS):
    validate([rule], NAMES)
    (finding,) = check([rule], entry, lists=lists, names=NAMES)
    assert finding.rule == rule
    assert finding.sentence == describe(rule, NAMES)
    return finding.met, finding.missing


def number(of, where=None, **limits):
    return {"rule": "number", "of": of, **limits} | ({"where": where} if where else {})


def every(wanted, where=None):
    return {"rule": "every", "is": wanted} | ({"where": where} if where else {})


def amount(of, **rest):
    return {"rule": "amount", "of": of, **rest} | ({} if of == "share" else {"currency": "EUR"})


def parties(*those, **rest):
    return Entry(parties=those, **rest)


LEAD_ABROAD = every({"member": True, "not_in": ["mainland_china"]}, {"role": "lead"})
DEVELOPED_LEAST = number("institutions", {"in": ["least_developed"]}, least=1)
APART = {"rule": "different_countries", "roles": ["lead", "partner"]}
ONE_PER_PERSON = {"rule": "entries", "per": "person", "most": 1}
TWO_PER_MEMBER = {"rule": "entries", "per": "institution", "most": 2, "where": {"member": True}}
DAYS = {"rule": "duration", "unit": "days", "least": 5, "most": 90}
MONTHS = {"rule": "duration", "unit": "months", "least": 6, "most": 12}
ABROAD = {"rule": "sites", "not_in": ["mainland_china"]}
IN_KENYA = {"rule": "sites", "in": ["KE", "NP"]}
FIFTY = {"rule": "count", "of": "on_site", "least": 50}
TAGGED = {"rule": "tag", "is": "capacity_building"}
THREE = number("countries", least=3)
PARTNERS_SHARE = amount("share", least="30.5", where={"role": "partner"})
THEN_LEAST = {"rule": "when", "if": number("institutions", {"in": ["DE"]}, least=1), "then": DEVELOPED_LEAST}


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (number("institutions", least=3), "At least three institutions take part."),
        (THREE, "At least three countries take part."),
        (number("institutions", least=1), "At least one institution takes part."),
        (number("institutions", least=2, most=2), "Exactly two institutions take part."),
        (number("institutions", least=2, most=12), "At least two and at most 12 institutions take part."),
        (number("institutions", {"member": True}, least=2), "At least two members take part."),
        (number("institutions", {"not_in": ["KE"]}, most=0), "No institutions outside Kenya take part."),
        (
            number("institutions", {"role": "partner", "member": True, "in": ["KE", "PK", "NP"]}, most=1),
            "At most one partner in Kenya, Pakistan or Nepal that is a member takes part.",
        ),
        (
            number("countries", {"member": False}, least=2),
            "At least two countries take part, counting only institutions that are not members.",
        ),
        (
            number("institutions", {"role": "training_site"}, least=1),
            "At least one training site takes part.",
        ),
        (LEAD_ABROAD, "The lead institution is a member and is outside mainland China."),
        (every({"member": False}, {"in": ["KE"]}), "Every institution in Kenya is not a member."),
        (DEVELOPED_LEAST, "At least one institution in the least developed countries takes part."),
        (APART, "The lead institution and the partners are in different countries."),
        (ONE_PER_PERSON, "The same person leads at most one entry."),
        (TWO_PER_MEMBER, "Every member takes part in at most two entries."),
        (amount("total", most=50_000), "The total amount is at most EUR 50,000."),
        (
            amount("total", least="0.5", most=9, where={"role": "partner"}),
            "The amount of the partners together is at least 0.50 and at most EUR 9.",
        ),
        (amount("each", most=20_000), "The amount of every institution is at most EUR 20,000."),
        (PARTNERS_SHARE, "The share of the partners in the total amount is at least 30.50 %."),
        (DAYS, "It lasts at least 5 and at most 90 days."),
        ({"rule": "duration", "unit": "months", "most": 1}, "It lasts at most 1 month."),
        (ABROAD, "Every place where it is held is outside mainland China."),
        (FIFTY, "Participants on site: at least 50."),
        (TAGGED, "It is marked as “capacity building”."),
        ({"rule": "any_of", "rules": [TAGGED]}, "It is marked as “capacity building”."),
        (
            {"rule": "any_of", "rules": [TAGGED, FIFTY]},
            "At least one of these is so: (1) it is marked as “capacity building”; (2) participants on site: at least 50.",
        ),
        (
            {"rule": "all_of", "rules": [TAGGED, THREE]},
            "It is marked as “capacity building”, and at least three countries take part.",
        ),
        (
            {"rule": "when", "if": TAGGED, "then": DAYS},
            "If it is marked as “capacity building”, then it lasts at least 5 and at most 90 days.",
        ),
    ],
)
def test_rules_are_said_in_plain_sentences(rule, sentence):
    validate([rule], NAMES)

    assert describe(rule, NAMES) == sentence


@pytest.mark.parametrize(
    ("rule", "entry"),
    [
        (number("institutions", least=3), parties(KEMRI, NUST, SOMEWHERE)),
        (number("institutions", {"in": ["KE", "apn_developing"]}, least=3), parties(KEMRI, NUST, TU, SOMEWHERE)),
        (number("institutions", {"member": True}, least=2, most=2), parties(KEMRI, NUST, TU)),
        (number("institutions", {"in": ["KE"]}, most=2), parties(KEMRI, SOMEWHERE)),
        (THREE, parties(KEMRI, NUST, TU)),
        (number("countries", most=2), parties(KEMRI, SOMEWHERE)),
        (LEAD_ABROAD, parties(KEMRI, CAS)),
        (every({"member": True}, {"in": ["KE"]}), parties(KEMRI, TU)),
        (every({"member": True}, {"not_in": ["NP"]}), parties(KEMRI, TU)),
        (DEVELOPED_LEAST, parties(KEMRI, TU)),
        (APART, parties(KEMRI, NUST, replace(NUST, key="other"))),
        (ONE_PER_PERSON, Entry(lead_person_has=0)),
        (TWO_PER_MEMBER, parties(KEMRI, TU, entries_of={"kemri": 1, "tu": 9})),
        (amount("total", most=50_000), parties(KEMRI, NUST, TU, currency="EUR")),
        (amount("total", most=20_000, where={"role": "partner"}), parties(KEMRI, NUST, TU, currency="EUR")),
        (amount("each", least=10_000, most="30000.00"), parties(KEMRI, NUST, currency="EUR")),
        (PARTNERS_SHARE, parties(KEMRI, NUST, TU)),
        (DAYS, Entry(**MARCH, ends_on=datetime.date(2027, 3, 5))),
        (DAYS, Entry(**MARCH, ends_on=datetime.date(2027, 5, 29))),
        (MONTHS, Entry(**MARCH, ends_on=datetime.date(2027, 8, 31))),
        (MONTHS, Entry(**MARCH, ends_on=datetime.date(2028, 2, 29))),
        ({**MONTHS, "least": 1}, Entry(starts_on=datetime.date(9999, 11, 1), ends_on=datetime.date.max)),
        (
            {**MONTHS, "least": 1},
            Entry(starts_on=datetime.date(2027, 1, 31), ends_on=datetime.date(2027, 2, 27)),
        ),
        (ABROAD, Entry(sites=("KE", "NP"))),
        (IN_KENYA, Entry(sites=("KE", "KE"))),
        (FIFTY, Entry(counts={"on_site": 50})),
        (TAGGED, Entry(tags=frozenset({"capacity_building"}))),
        ({"rule": "any_of", "rules": [THREE, FIFTY]}, Entry(counts={"on_site": 50})),
        ({"rule": "all_of", "rules": [FIFTY, ONE_PER_PERSON]}, Entry(counts={"on_site": 50}, lead_person_has=0)),
        (THEN_LEAST, parties(KEMRI, NUST)),
        (THEN_LEAST, parties(SOMEWHERE, TU)),
    ],
)
def test_a_rule_that_is_met_misses_nothing(rule, entry):
    assert found(rule, entry) == (True, "")


@pytest.mark.parametrize(
    ("rule", "entry", "missing"),
    [
        (THREE, parties(KEMRI, NUST, NUST), "So far two countries take part (Kenya, Pakistan); one more is needed."),
        (THREE, Entry(), "So far no countries take part; three are needed."),
        (THREE, parties(KEMRI), "So far one country takes part (Kenya); two more are needed."),
        (
            number("institutions", most=1),
            parties(KEMRI, NUST, TU),
            "So far three institutions take part (KEMRI, NUST, Tribhuvan University); that is two too many.",
        ),
        (
            number("institutions", least=2),
            parties(KEMRI, replace(KEMRI, role="host")),
            "So far one institution takes part (KEMRI); one more is needed.",
        ),
        (LEAD_ABROAD, parties(replace(CAS, role="lead")), "So far this is not so for CAS (China)."),
        (
            LEAD_ABROAD,
            parties(replace(CAS, role="lead", member=False)),
            "So far this is not so for CAS (China, not a member).",
        ),
        (
            every({"in": ["apn_developing"]}),
            parties(KEMRI, TU, CAS),
            "So far this is not so for KEMRI (Kenya), CAS (China).",
        ),
        (
            DEVELOPED_LEAST,
            parties(KEMRI),
            "So far no institutions in the least developed countries take part; one is needed.",
        ),
        (APART, parties(KEMRI, replace(NUST, country="KE")), "So far they share Kenya."),
        (ONE_PER_PERSON, Entry(lead_person_has=1), "The lead person already has one other entry."),
        (
            TWO_PER_MEMBER,
            parties(KEMRI, NUST, entries_of={"kemri": 2, "nust": 0}),
            "So far this is too many for KEMRI (two other entries).",
        ),
        (
            amount("total", most="49999.50"),
            parties(KEMRI, NUST, TU, currency="EUR"),
            "So far it is EUR 50,000; that is EUR 0.50 too much.",
        ),
        (
            amount("total", least=60_000),
            parties(KEMRI, NUST, TU, currency="EUR"),
            "So far it is EUR 50,000; that is EUR 10,000 too little.",
        ),
        (amount("total", most=9), parties(KEMRI, currency="USD"), "The amounts are in USD and are needed in EUR."),
        (
            amount("each", most=20_000),
            parties(KEMRI, NUST, currency="EUR"),
            "So far this is not so for KEMRI (EUR 30,000).",
        ),
        (PARTNERS_SHARE, parties(KEMRI, NUST), "So far it is 25 %; that is 5.50 % too little."),
        (
            DAYS,
            Entry(**MARCH, ends_on=datetime.date(2027, 3, 4)),
            "So far it lasts 4 days; it must end on 5 Mar 2027 or later.",
        ),
        (
            DAYS,
            Entry(**MARCH, ends_on=datetime.date(2027, 5, 30)),
            "So far it lasts 91 days; it must end on 29 May 2027 or before.",
        ),
        (
            MONTHS,
            Entry(**MARCH, ends_on=datetime.date(2027, 8, 30)),
            "So far it lasts 183 days; it must end on 31 Aug 2027 or later.",
        ),
        (
            MONTHS,
            Entry(**MARCH, ends_on=datetime.date(2028, 3, 1)),
            "So far it lasts 367 days; it must end on 29 Feb 2028 or before.",
        ),
        (DAYS, Entry(**MARCH, ends_on=datetime.date(2027, 2, 1)), "It ends before it starts."),
        (ABROAD, Entry(sites=("CN", "KE")), "So far it is held in China."),
        (IN_KENYA, Entry(sites=("PK", "KE", "CN")), "So far it is held in China, Pakistan."),
        (
            FIFTY,
            Entry(counts={"on_site": 49}),
            "So far the number of participants on site is 49; 1 more is needed.",
        ),
        (
            {"rule": "count", "of": "on_site", "most": 1_000},
            Entry(counts={"on_site": 2_500}),
            "So far the number of participants on site is 2,500; that is 1,500 too many.",
        ),
        (TAGGED, Entry(), "It is not marked as “capacity building”."),
        (
            {"rule": "any_of", "rules": [TAGGED, THREE]},
            parties(KEMRI, NUST),
            (
                "None of these is so yet: (1) it is not marked as “capacity building”; "
                "(2) so far two countries take part (Kenya, Pakistan); one more is needed."
            ),
        ),
        (
            {"rule": "all_of", "rules": [TAGGED, FIFTY, ONE_PER_PERSON]},
            Entry(lead_person_has=3, counts={"on_site": 50}),
            "It is not marked as “capacity building”; the lead person already has three other entries.",
        ),
        (
            THEN_LEAST,
            parties(replace(KEMRI, country="DE")),
            "So far no institutions in the least developed countries take part; one is needed.",
        ),
    ],
)
def test_what_is_missing_is_said_with_numbers_and_names(rule, entry, missing):
    assert found(rule, entry) == (False, missing)


OPEN_COUNTRY = "the country of Institute of Somewhere is to be filled in."


@pytest.mark.parametrize(
    ("rule", "entry", "missing"),
    [
        (THREE, parties(KEMRI, NUST, SOMEWHERE), f"(Kenya, Pakistan); one more is needed; {OPEN_COUNTRY}"),
        (
            number("countries", most=1),
            parties(KEMRI, SOMEWHERE),
            f"So far one country takes part (Kenya); {OPEN_COUNTRY}",
        ),
        (DEVELOPED_LEAST, parties(SOMEWHERE), f"take part; one is needed; {OPEN_COUNTRY}"),
        (every({"in": ["KE"]}), parties(KEMRI, SOMEWHERE), f"T{OPEN_COUNTRY[1:]}"),
        (every({"member": True}, {"in": ["KE"]}), parties(KEMRI, SOMEWHERE), f"T{OPEN_COUNTRY[1:]}"),
        (LEAD_ABROAD, parties(NUST), "No lead institution is named yet."),
        (every({"member": True}), Entry(), "No institution is named yet."),
        (APART, parties(KEMRI, SOMEWHERE), f"T{OPEN_COUNTRY[1:]}"),
        (APART, parties(KEMRI), "No partner is named yet."),
        (ONE_PER_PERSON, Entry(), "The lead person is to be filled in."),
        (TWO_PER_MEMBER, parties(KEMRI), "The other entries of KEMRI are not counted yet."),
        (TWO_PER_MEMBER, parties(replace(KEMRI, name="")), "are not counted yet."),
        (TWO_PER_MEMBER, Entry(), "No institution is named yet."),
        (
            {"rule": "entries", "per": "institution", "most": 1, "where": {"in": ["KE"]}},
            parties(SOMEWHERE, entries_of={"new": 1}),
            f"T{OPEN_COUNTRY[1:]}",
        ),
        (
            amount("total", most=9),
            parties(SOMEWHERE, currency="EUR"),
            "amount of Institute of Somewhere is to be filled in.",
        ),
        (amount("total", most=9), Entry(currency="EUR"), "No institution is named yet."),
        (amount("each", most=9), parties(KEMRI), "The currency is to be filled in."),
        (
            amount("each", most=9),
            parties(replace(KEMRI, amount=Decimal("NaN"))),
            "The amount of KEMRI is to be filled in;",
        ),
        (
            amount("each", most=9),
            parties(replace(KEMRI, amount=Decimal(-1))),
            "The amount of KEMRI is to be filled in;",
        ),
        (PARTNERS_SHARE, parties(replace(KEMRI, amount=None), NUST), "The amount of KEMRI is to be filled in."),
        (PARTNERS_SHARE, parties(CAS), "The total amount is zero, so there are no shares yet."),
        (DAYS, Entry(**MARCH), "The last day is to be filled in."),
        (DAYS, Entry(), "The first day is to be filled in; the last day is to be filled in."),
        (ABROAD, Entry(), "The country where it is held is to be filled in."),
        (ABROAD, Entry(sites=("KE", "")), "The country where it is held is to be filled in."),
        (FIFTY, Entry(counts={"on_site": None}), "The number of participants on site is to be filled in."),
        (
            {"rule": "any_of", "rules": [TAGGED, FIFTY]},
            Entry(),
            "(2) the number of participants on site is to be filled in.",
        ),
        ({"rule": "all_of", "rules": [ONE_PER_PERSON]}, Entry(), "The lead person is to be filled in."),
        (THEN_LEAST, parties(SOMEWHERE), OPEN_COUNTRY),
    ],
)
def test_what_is_not_yet_known_is_not_met_and_says_what_to_fill_in(rule, entry, missing):
    met, said = found(rule, entry)

    assert not met
    assert said.endswith(missing) or said.startswith(missing)


def test_a_list_that_nobody_gave_is_named():
    missing = "The list the least developed countries is not there yet."

    assert found(DEVELOPED_LEAST, parties(TU), lists={}) == (False, missing)
    assert found({"rule": "any_of", "rules": [DEVELOPED_LEAST]}, parties(TU), lists={}) == (False, missing)


def test_of_many_names_ten_are_said():
    many = parties(*(replace(NUST, key=n, name=f"Institute {n}") for n in range(12)))

    assert found(number("institutions", most=11), many)[1].endswith("Institute 9 and 2 more); that is one too many.")


def test_without_names_the_codes_are_said():
    assert describe(IN_KENYA) == "Every place where it is held is in KE or NP."


def test_the_total_is_known_when_all_amounts_are():
    assert parties(KEMRI, NUST).total == Decimal(40_000)
    assert parties(KEMRI, SOMEWHERE).total is None
    assert Entry().total is None
