"""Describing and checking a rule of any kind, and those that are made of others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toolkit.eligibility import amounts, circumstances, consortium
from toolkit.eligibility.cases import Case
from toolkit.eligibility.entries import Entry, Finding, Rule
from toolkit.eligibility.grammar import is_country
from toolkit.eligibility.verdicts import MET, Outcome, every, some
from toolkit.eligibility.words import Words, clauses, listed, sentence


class Kind(NamedTuple):
    describe: Callable[[Rule, Words], str]
    check: Callable[[Rule, Case], Outcome]


def describe(rule: Rule, names: Mapping[str, str] | None = None) -> str:
    """The rule as a sentence for everyone."""
    return sentence(_clause(rule, Words(names or {})))


def check(
    rules: Iterable[Rule],
    entry: Entry,
    *,
    lists: Mapping[str, frozenset[str]],
    names: Mapping[str, str] | None = None,
) -> list[Finding]:
    """One finding for each rule, in their order. The rules have passed `validate`; `lists` are as of the day that counts."""
    case = Case(entry, lists, Words(names or {}))
    found = [(rule, _judge(rule, case)) for rule in rules]
    return [
        Finding(rule, outcome.met is True, sentence(_clause(rule, case.words)), sentence(outcome.missing))
        for rule, outcome in found
    ]


def _clause(rule: Rule, words: Words) -> str:
    return KINDS[rule["rule"]].describe(rule, words)


def _judge(rule: Rule, case: Case) -> Outcome:
    absent = sorted(_lists_of(rule) - set(case.lists)) if rule["rule"] not in COMPOSED else []
    if absent:
        terms = listed(case.words.term(name) for name in absent)
        text = ngettext("the list %(names)s is not there yet", "the lists %(names)s are not there yet", len(absent))
        return Outcome(None, text % {"names": terms})
    return KINDS[rule["rule"]].check(rule, case)


def _lists_of(value: Mapping[str, Any]) -> set[str]:
    return {name for name in _places(value) if not is_country(name)}


def _places(value: Mapping[str, Any]) -> Iterator[str]:
    for key, inner in value.items():
        if key in ("in", "not_in"):
            yield from inner
        elif isinstance(inner, Mapping):
            yield from _places(inner)


def _numbered(parts: list[str]) -> str:
    """ "(1) …; (2) …", where there is more than one."""
    return parts[0] if len(parts) == 1 else clauses(f"({number}) {part}" for number, part in enumerate(parts, 1))


def _describe_any_of(rule: Rule, words: Words) -> str:
    parts = [_clause(part, words) for part in rule["rules"]]
    return parts[0] if len(parts) == 1 else _("at least one of these is so: %(parts)s") % {"parts": _numbered(parts)}


def _check_any_of(rule: Rule, case: Case) -> Outcome:
    outcomes = [_judge(part, case) for part in rule["rules"]]
    met = some(outcome.met for outcome in outcomes)
    if met:
        return MET
    missing = [outcome.missing for outcome in outcomes]
    if len(missing) == 1:
        return Outcome(met, missing[0])
    return Outcome(met, _("none of these is so yet: %(parts)s") % {"parts": _numbered(missing)})


def _describe_all_of(rule: Rule, words: Words) -> str:
    return _(", and ").join(_clause(part, words) for part in rule["rules"])


def _check_all_of(rule: Rule, case: Case) -> Outcome:
    outcomes = [_judge(part, case) for part in rule["rules"]]
    return Outcome(every(outcome.met for outcome in outcomes), clauses(outcome.missing for outcome in outcomes))


def _describe_when(rule: Rule, words: Words) -> str:
    return _("if %(condition)s, then %(rule)s") % {
        "condition": _clause(rule["if"], words),
        "rule": _clause(rule["then"], words),
    }


def _check_when(rule: Rule, case: Case) -> Outcome:
    condition, then = _judge(rule["if"], case), _judge(rule["then"], case)
    if condition.met is False or then.met:
        return MET
    return then if condition.met else Outcome(None, clauses([condition.missing, then.missing]))


COMPOSED = ("any_of", "all_of", "when")

KINDS = {
    "number": Kind(consortium.describe_number, consortium.check_number),
    "every": Kind(consortium.describe_every, consortium.check_every),
    "different_countries": Kind(consortium.describe_different_countries, consortium.check_different_countries),
    "entries": Kind(consortium.describe_entries, consortium.check_entries),
    "amount": Kind(amounts.describe_amount, amounts.check_amount),
    "duration": Kind(circumstances.describe_duration, circumstances.check_duration),
    "sites": Kind(circumstances.describe_sites, circumstances.check_sites),
    "count": Kind(circumstances.describe_count, circumstances.check_count),
    "tag": Kind(circumstances.describe_tag, circumstances.check_tag),
    "any_of": Kind(_describe_any_of, _check_any_of),
    "all_of": Kind(_describe_all_of, _check_all_of),
    "when": Kind(_describe_when, _check_when),
}
