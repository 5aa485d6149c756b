"""Rules about money. Amounts are Decimals, and are never compared across currencies."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from toolkit.eligibility.cases import Case
from toolkit.eligibility.entries import Party, Rule, total
from toolkit.eligibility.verdicts import MET, Outcome, within
from toolkit.eligibility.words import Words, amiss, bounds, clauses, figure, listed, money, per_cent


def describe_amount(rule: Rule, words: Words) -> str:
    limits, where = _limits(rule), rule.get("where", {})
    if rule["of"] == "share":
        share = bounds(limits, per_cent, per_cent)
        return _("the share of %(these)s in the total amount is %(share)s") % {
            "these": words.all_of(where),
            "share": share,
        }
    amount = bounds(limits, lambda n: money(n, rule["currency"]), figure)
    if rule["of"] == "each":
        return _("the amount of %(each)s is %(amount)s") % {"each": words.each(where), "amount": amount}
    if where:
        return _("the amount of %(these)s together is %(amount)s") % {"these": words.all_of(where), "amount": amount}
    return _("the total amount is %(amount)s") % {"amount": amount}


def check_amount(rule: Rule, case: Case) -> Outcome:
    where = rule.get("where", {})
    parties, maybe = case.sort(where)
    asked = list(case.entry.parties) if rule["of"] == "share" else [*parties, *maybe]
    open_ones = [
        case.nobody(where) if not case.in_role(where) else "",
        case.fill_in_countries(maybe),
        case.fill_in_amounts(party for party in asked if party.asks is None),
        _("the currency is to be filled in") if "currency" in rule and not case.entry.currency else "",
    ]
    if any(open_ones):
        return Outcome(None, clauses(open_ones))
    if rule["of"] == "share":
        return _check_share(_limits(rule), parties, case)
    if case.entry.currency != rule["currency"]:
        said = {"currency": case.entry.currency, "wanted": rule["currency"]}
        return Outcome(False, _("the amounts are in %(currency)s and are needed in %(wanted)s") % said)
    if rule["of"] == "each":
        return _check_each(_limits(rule), parties, case)
    return _judge(total(parties) or Decimal(0), _limits(rule), lambda n: money(n, case.entry.currency))


def _check_share(limits: dict[str, Decimal], parties: list[Party], case: Case) -> Outcome:
    whole = case.entry.total
    if not whole or whole < 0:
        return Outcome(None, _("the total amount is zero, so there are no shares yet"))
    return _judge((total(parties) or Decimal(0)) * 100 / whole, limits, per_cent)


def _check_each(limits: dict[str, Decimal], parties: list[Party], case: Case) -> Outcome:
    wrong = [
        _("%(name)s (%(amount)s)") % {"name": party.name, "amount": money(party.asks, case.entry.currency)}
        for party in parties
        if party.asks is not None and not within(party.asks, party.asks, limits.get("least"), limits.get("most"))
    ]
    return Outcome(False, _("so far this is not so for %(names)s") % {"names": listed(wrong)}) if wrong else MET


def _judge(amount: Decimal, limits: dict[str, Decimal], say: Any) -> Outcome:
    if within(amount, amount, limits.get("least"), limits.get("most")):
        return MET
    so_far = _("so far it is %(amount)s") % {"amount": say(amount)}
    return Outcome(False, clauses([so_far, amiss(amount, limits, say)]))


def _limits(rule: Rule) -> dict[str, Decimal]:
    return {key: Decimal(rule[key]) for key in ("least", "most") if key in rule}
