"""What is refused, and what holds for whatever is not."""

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from toolkit.eligibility import Entry, Party, check, describe, validate
from toolkit.eligibility.grammar import SHAPES

TAG = {"rule": "tag", "is": "training"}
DEEP = {"rule": "any_of", "rules": [TAG]}
for _level in range(4):
    DEEP = {"rule": "all_of", "rules": [DEEP]}


def number(**rest):
    return {"rule": "number", "of": "countries", "least": 3} | rest


@pytest.mark.parametrize(
    ("rule", "code", "says"),
    [
        ("three countries", "type", "a rule is an object"),
        ({"of": "countries"}, "missing", "“rule” is missing"),
        (
            {"rule": "countries"},
            "unknown_rule",
            "there is no rule “countries”; there are number, every, different_countries",
        ),
        ({"rule": ["number"]}, "unknown_rule", "there is no rule"),
        (number(at_least=3), "unknown_key", "there is no “at_least” here; there are of, least, most, where"),
        ({"rule": "number", "least": 3}, "missing", "“of” is missing"),
        ({"rule": "number", "of": "countries"}, "missing", "write “least”, “most” or both"),
        (number(of="people"), "choice", "“of”: write one of institutions, countries"),
        (number(of=["countries"]), "choice", "write one of"),
        (number(least="3"), "type", "“least”: write a whole number, without quotation marks"),
        (number(least=True), "type", "write a whole number"),
        (number(least=2.0), "type", "write a whole number"),
        (number(least=0), "range", "write a number from 1 to 1000"),
        (number(most=-1), "range", "write a number from 0 to 1000"),
        (number(most=2), "range", "“least” is more than “most”"),
        (number(where={}), "missing", "write at least one of role, member, in, not_in"),
        (number(where=[]), "type", "write an object"),
        (number(where={"kind": "university"}), "unknown_key", "“where”: there is no “kind” here"),
        (number(where={"member": "yes"}), "type", "“where”: “member”: write true or false"),
        (number(where={"role": "Lead"}), "name", "“Lead” is no name"),
        (number(where={"in": "KE"}), "type", "write a list in square brackets"),
        (number(where={"in": []}), "range", "name from 1 to 300"),
        (number(where={"in": [254]}), "type", "write each country or list in quotation marks"),
        (
            number(where={"in": ["Kenya"]}),
            "place",
            "“Kenya” is no country and no list; a country is two capital letters",
        ),
        (number(where={"in": ["ke"]}), "place", "“ke” is no country"),
        (number(where={"in": ["KEN"]}), "place", "“KEN” is no country"),
        (number(where={"in": ["UK"]}), "unknown_place", "the portal knows no country and no list UK"),
        (number(where={"not_in": ["no_such_list"]}), "unknown_place", "no list no_such_list"),
        ({"rule": "every"}, "missing", "“is” is missing"),
        ({"rule": "every", "is": {"role": "lead"}}, "unknown_key", "there are member, in, not_in"),
        ({"rule": "different_countries", "roles": ["host"]}, "range", "name from 2 to 10 roles"),
        ({"rule": "different_countries", "roles": ["host", "host"]}, "range", "each once"),
        ({"rule": "different_countries", "roles": ["host", ["home"]]}, "type", "write a text"),
        ({"rule": "different_countries", "roles": "host"}, "type", "write a list"),
        ({"rule": "entries", "per": "person"}, "missing", "“most” is missing"),
        ({"rule": "entries", "per": "person", "most": 0}, "range", "from 1 to 100"),
        (
            {"rule": "entries", "per": "person", "most": 1, "where": {"member": True}},
            "unknown_key",
            "entries of a person",
        ),
        ({"rule": "amount", "of": "total", "most": 9}, "missing", "“currency” is missing"),
        ({"rule": "amount", "of": "total", "most": 9, "currency": "euro"}, "currency", "“euro” is no currency"),
        ({"rule": "amount", "of": "total", "most": 9, "currency": 9}, "type", "write a text"),
        ({"rule": "amount", "of": "total", "most": 0.1, "currency": "EUR"}, "type", "such as “1250.50”"),
        ({"rule": "amount", "of": "total", "most": "1,000", "currency": "EUR"}, "type", "write an amount"),
        ({"rule": "amount", "of": "total", "most": True, "currency": "EUR"}, "type", "write an amount"),
        ({"rule": "amount", "of": "total", "most": "NaN", "currency": "EUR"}, "type", "write an amount"),
        ({"rule": "amount", "of": "total", "currency": "EUR"}, "missing", "write “least”, “most” or both"),
        ({"rule": "amount", "of": "share", "most": 30}, "missing", "a share needs “where”"),
        ({"rule": "amount", "of": "share", "most": 101, "where": {"role": "lead"}}, "range", "at most 100 per cent"),
        (
            {"rule": "amount", "of": "share", "most": 30, "where": {"role": "lead"}, "currency": "EUR"},
            "unknown_key",
            "a share has no “currency”",
        ),
        ({"rule": "duration", "unit": "weeks", "most": 2}, "choice", "write one of days, months"),
        ({"rule": "duration", "unit": "days"}, "missing", "write “least”, “most” or both"),
        ({"rule": "duration", "unit": "months", "most": 121}, "range", "from 1 to 120"),
        ({"rule": "sites"}, "missing", "write “in”, “not_in” or both"),
        ({"rule": "count", "of": "on site", "least": 50}, "name", "such as “on_site”"),
        ({"rule": "count", "of": "on_site"}, "missing", "write “least”"),
        ({"rule": "tag", "is": None}, "type", "write a text"),
        ({"rule": "any_of", "rules": []}, "range", "write from 1 to 50 rules"),
        ({"rule": "all_of", "rules": TAG}, "type", "write a list of rules"),
        ({"rule": "any_of", "rules": [TAG, {"rule": "no"}]}, "unknown_rule", "“rules”: there is no rule “no”"),
        ({"rule": "when", "if": TAG}, "missing", "“then” is missing"),
        ({"rule": "when", "if": TAG, "then": [TAG]}, "type", "“then”: a rule is an object"),
        (DEEP, "depth", "rules are nested more than 4 deep"),
    ],
)
def test_what_cannot_be_read_is_refused_in_clear_words(rule, code, says):
    with pytest.raises(ValidationError) as refused:
        validate([TAG, rule], known={"KE", "PK", "least_developed"})

    (error,) = refused.value.error_list
    assert error.code == code
    assert error.message.startswith("Rule 2: ")
    assert says in error.message


def test_every_rule_that_is_wrong_is_named():
    with pytest.raises(ValidationError) as refused:
        validate([{}, TAG, None])

    assert [message[:7] for message in refused.value.messages] == ["Rule 1:", "Rule 3:"]


@pytest.mark.parametrize("rules", [{}, "[]", None, [TAG] * 51])
def test_rules_are_a_list_of_fifty_at_most(rules):
    with pytest.raises(ValidationError):
        validate(rules)


def test_places_are_only_looked_up_where_it_is_said_what_there_is():
    validate([number(where={"in": ["XX", "some_list"]}), *[TAG] * 49])


LISTS = {"least_developed": frozenset({"NP", "KE"})}
COUNTRIES = st.sampled_from(["KE", "PK", "NP", "CN"])
PLACES = st.lists(st.sampled_from(["KE", "PK", "least_developed", "no_such_list"]), min_size=1, max_size=3)
ROLES = st.sampled_from(["lead", "partner", "host", "co_host", "observer"])
FILTER = {"member": st.booleans(), "in": PLACES, "not_in": PLACES}
WHERE = st.fixed_dictionaries({}, optional={"role": ROLES, **FILTER}).filter(bool)
WHAT = st.sampled_from(["on_site", "training"])


def rule(kind, /, bounds=None, optional=None, **keys):
    shape = st.fixed_dictionaries({"rule": st.just(kind), **keys}, optional=optional or {})
    if bounds is None:
        return shape
    limits = st.tuples(bounds, bounds, st.sampled_from([("least",), ("most",), ("least", "most")]))
    return st.builds(
        lambda rest, pair: rest | {key: {"least": min(pair[:2]), "most": max(pair[:2])}[key] for key in pair[2]},
        shape,
        limits,
    )


LEAVES = st.one_of(
    rule("number", st.integers(1, 4), {"where": WHERE}, of=st.sampled_from(["institutions", "countries"])),
    rule("every", optional={"where": WHERE}, **{"is": st.fixed_dictionaries({}, optional=FILTER).filter(bool)}),
    rule("different_countries", roles=st.lists(ROLES, min_size=2, max_size=3, unique=True)),
    rule("entries", per=st.just("person"), most=st.integers(1, 3)),
    rule("entries", per=st.just("institution"), most=st.integers(1, 3), optional={"where": WHERE}),
    rule(
        "amount",
        st.integers(0, 10**12 - 1),
        {"where": WHERE},
        of=st.sampled_from(["total", "each"]),
        currency=st.sampled_from(["EUR", "USD"]),
    ),
    rule("amount", st.integers(0, 100), of=st.just("share"), where=WHERE),
    rule("duration", st.integers(1, 120), unit=st.sampled_from(["days", "months"])),
    rule("sites", in_=PLACES).map(lambda those: {"rule": "sites", "in": those["in_"]}),
    rule("sites", not_in=PLACES),
    rule("count", st.integers(1, 90), of=WHAT),
    rule("tag", **{"is": WHAT}),
)


def composed(inner):
    some = st.lists(inner, min_size=1, max_size=3)
    return rule("any_of", rules=some) | rule("all_of", rules=some) | rule("when", **{"if": inner, "then": inner})


RULES = LEAVES | composed(LEAVES | composed(LEAVES))
KEYS = st.integers(1, 4)
PARTIES = st.builds(
    Party,
    key=KEYS,
    name=st.text(max_size=5),
    country=COUNTRIES | st.just(""),
    role=ROLES,
    member=st.booleans(),
    amount=st.none() | st.decimals() | st.integers(0, 10).map(Decimal),
)
ENTRIES = st.builds(
    Entry,
    parties=st.lists(PARTIES, max_size=5).map(tuple),
    lead_person_has=st.none() | st.integers(0, 3),
    entries_of=st.dictionaries(KEYS, st.integers(0, 3)),
    sites=st.lists(COUNTRIES | st.just(""), max_size=3).map(tuple),
    starts_on=st.none() | st.dates(),
    ends_on=st.none() | st.dates(),
    currency=st.sampled_from(["", "EUR", "USD"]),
    counts=st.dictionaries(WHAT, st.none() | st.integers()),
    tags=st.frozensets(WHAT),
)


@given(RULES, ENTRIES)
def test_check_answers_whatever_is_valid(rule, entry):
    validate([rule])

    (finding,) = check([rule], entry, lists=LISTS)

    assert finding.sentence == describe(rule)
    assert finding.sentence.endswith(".")
    assert finding.met == (finding.missing == "")
    assert not finding.missing or finding.missing.endswith(".")


@given(RULES, RULES, ENTRIES)
def test_composed_rules_follow_from_their_parts(one, other, entry):
    def met(rule):
        return check([rule], entry, lists=LISTS)[0].met

    assert met({"rule": "any_of", "rules": [one, other]}) == (met(one) or met(other))
    assert met({"rule": "all_of", "rules": [one, other]}) == (met(one) and met(other))
    assert met({"rule": "when", "if": one, "then": other}) or not met(one) or not met(other)
    assert not met({"rule": "when", "if": one, "then": other}) or not met(one) or met(other)


@given(RULES, ENTRIES, st.data())
def test_what_is_met_stays_met_when_a_country_or_an_amount_is_filled_in(rule, entry, data):
    (before,) = check([rule], entry, lists=LISTS)
    filled = tuple(
        replace(
            party,
            country=party.country or data.draw(COUNTRIES),
            amount=Decimal(data.draw(st.integers(0, 10))) if party.asks is None else party.amount,
        )
        for party in entry.parties
    )
    dates = {
        "starts_on": entry.starts_on or datetime.date(2027, 1, 1),
        "ends_on": entry.ends_on or datetime.date(2027, 3, 1),
    }
    sites = tuple(site or data.draw(COUNTRIES) for site in entry.sites)

    (after,) = check([rule], replace(entry, parties=filled, sites=sites, **dates), lists=LISTS)

    assert after.met or not before.met


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(sorted(SHAPES)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["rule", "of", "least", "most", "where", "is", "in", "rules", "if"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_written_is_valid_or_refused(rules):
    try:
        validate(rules)
    except ValidationError:
        return
    check(rules, Entry(), lists={})


@given(RULES, ENTRIES)
def test_sentences_need_no_language(rule, entry):
    with translation.override(None):
        check([rule], entry, lists=LISTS)
