"""Which rules there are, what each may say, and clear words for what is wrong with one."""

import re
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from toolkit.eligibility.words import listed

MOST_RULES = 50
DEEPEST = 4
MOST_PLACES = 300
GREATEST = {"number": 1_000, "entries": 100, "days": 3_660, "months": 120, "count": 1_000_000}

_COUNTRY = re.compile("[A-Z]{2}")
_NAME = re.compile("[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CURRENCY = re.compile("[A-Z]{3}")
_DECIMAL = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,2})?")

Known = Collection[str] | None
Read = Callable[[Any, Known, int], None]


class Shape(NamedTuple):
    needed: dict[str, Read]
    allowed: dict[str, Read]
    also: Callable[[dict[str, Any]], None] = lambda rule: None


def validate(rules: Any, known: Known = None) -> None:
    """Refuses what `check` cannot read. `known` are the codes of countries and the names of lists there are, if given."""
    if not isinstance(rules, list):
        raise ValidationError(_("Write the rules as a list."), code="type")
    if len(rules) > MOST_RULES:
        raise ValidationError(_("Write at most %(most)d rules.") % {"most": MOST_RULES}, code="range")
    errors = []
    for number, rule in enumerate(rules, 1):
        try:
            _read_rule(rule, known, 1)
        except ValidationError as wrong:
            text = _("Rule %(number)d: %(text)s") % {"number": number, "text": " ".join(wrong.messages)}
            errors.append(ValidationError(text, code=wrong.code))
    if errors:
        raise ValidationError(errors)


def is_country(place: str) -> bool:
    """A country is two capital letters; everything else in a list of places names a list."""
    return bool(_COUNTRY.fullmatch(place))


def _read_rule(rule: Any, known: Known, depth: int) -> None:
    _check_type(rule, dict, _("a rule is an object such as {“rule”: “number”, …}"))
    if depth > DEEPEST:
        raise _wrong("depth", _("rules are nested more than %(most)s deep"), most=DEEPEST)
    if "rule" not in rule:
        raise _wrong("missing", _("“rule” is missing; it says which rule it is, such as “number”"))
    kind = rule["rule"]
    if not isinstance(kind, str) or kind not in SHAPES:
        raise _wrong(
            "unknown_rule", _("there is no rule “%(kind)s”; there are %(kinds)s"), kind=kind, kinds=", ".join(SHAPES)
        )
    shape = SHAPES[kind]
    _read_keys({key: value for key, value in rule.items() if key != "rule"}, shape.needed, shape.allowed, known, depth)
    shape.also(rule)


def _read_keys(
    value: dict[str, Any], needed: dict[str, Read], allowed: dict[str, Read], known: Known, depth: int
) -> None:
    keys = {**needed, **allowed}
    for key in value:
        if key not in keys:
            raise _wrong(
                "unknown_key", _("there is no “%(key)s” here; there are %(keys)s"), key=key, keys=", ".join(keys)
            )
    for key in needed:
        if key not in value:
            raise _wrong("missing", _("“%(key)s” is missing"), key=key)
    for key, inner in value.items():
        try:
            keys[key](inner, known, depth)
        except ValidationError as wrong:
            raise _wrong(wrong.code, _("“%(key)s”: %(text)s"), key=key, text=" ".join(wrong.messages)) from None


def _check_type(value: Any, kind: type, text: str) -> None:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _wrong("type", text)


def _wrong(code: str | None, text: str, /, **values: Any) -> ValidationError:
    return ValidationError(text % {key: str(value)[:300] for key, value in values.items()}, code=code)


# What a value may be


def _one_of(*choices: str) -> Read:
    def read(value: Any, known: Known, depth: int) -> None:
        if value not in choices:
            raise _wrong("choice", _("write one of %(choices)s"), choices=", ".join(choices))

    return read


def _whole(greatest: int, smallest: int = 1) -> Read:
    def read(value: Any, known: Known, depth: int) -> None:
        _check_type(value, int, _("write a whole number, without quotation marks"))
        if not smallest <= value <= greatest:
            raise _wrong("range", _("write a number from %(first)s to %(last)s"), first=smallest, last=greatest)

    return read


def _decimal(value: Any, known: Known, depth: int) -> None:
    """Never a float: 0.1 is not ten cents in one."""
    plain = isinstance(value, int | str) and not isinstance(value, bool)
    if not plain or not _DECIMAL.fullmatch(str(value)):
        raise _wrong("type", _("write an amount as a whole number or in quotation marks, such as “1250.50”"))


def _flag(value: Any, known: Known, depth: int) -> None:
    _check_type(value, bool, _("write true or false, without quotation marks"))


def _named(value: Any, known: Known, depth: int) -> None:
    _check_type(value, str, _("write a text in quotation marks"))
    if len(value) > 50 or not _NAME.fullmatch(value):
        raise _wrong("name", _("“%(name)s” is no name; write it in small letters, such as “on_site”"), name=value)


def _currency(value: Any, known: Known, depth: int) -> None:
    _check_type(value, str, _("write a text in quotation marks"))
    if not _CURRENCY.fullmatch(value):
        raise _wrong("currency", _("“%(code)s” is no currency; write three capital letters, such as “EUR”"), code=value)


def _places(value: Any, known: Known, depth: int) -> None:
    _check_type(value, list, _("write a list in square brackets, such as [“KE”, “PK”]"))
    if not 1 <= len(value) <= MOST_PLACES:
        raise _wrong("range", _("name from 1 to %(most)s countries or lists"), most=MOST_PLACES)
    for place in value:
        _check_type(place, str, _("write each country or list in quotation marks"))
        if not is_country(place) and not (2 < len(place) <= 50 and _NAME.fullmatch(place)):
            text = _(
                "“%(place)s” is no country and no list; a country is two capital letters, such as “KE”, and a list has "
            )
            text += _("a name in small letters, such as “least_developed”")
            raise _wrong("place", text, place=place)
    unknown = [place for place in value if known is not None and place not in known]
    if unknown:
        raise _wrong("unknown_place", _("the portal knows no country and no list %(places)s"), places=listed(unknown))


def _filter(*keys: str) -> Read:
    def read(value: Any, known: Known, depth: int) -> None:
        _check_type(value, dict, _("write an object such as {“member”: true}"))
        if not value:
            raise _wrong("missing", _("write at least one of %(keys)s"), keys=", ".join(keys))
        _read_keys(value, {}, {key: FILTERS[key] for key in keys}, known, depth)

    return read


def _roles(value: Any, known: Known, depth: int) -> None:
    _check_type(value, list, _("write a list in square brackets, such as [“host”, “home”]"))
    for role in value:
        _named(role, known, depth)
    if not 2 <= len(set(value)) == len(value) <= 10:
        raise _wrong("range", _("name from 2 to 10 roles, each once"))


def _parts(value: Any, known: Known, depth: int) -> None:
    _check_type(value, list, _("write a list of rules in square brackets"))
    if not 1 <= len(value) <= MOST_RULES:
        raise _wrong("range", _("write from 1 to %(most)s rules"), most=MOST_RULES)
    for rule in value:
        _read_rule(rule, known, depth + 1)


def _part(value: Any, known: Known, depth: int) -> None:
    _read_rule(value, known, depth + 1)


# What the keys of a rule say together


def _bounded(rule: dict[str, Any]) -> None:
    if "least" not in rule and "most" not in rule:
        raise _wrong("missing", _("write “least”, “most” or both"))
    if "least" in rule and "most" in rule and Decimal(rule["least"]) > Decimal(rule["most"]):
        raise _wrong("range", _("“least” is more than “most”"))


def _amount_of(rule: dict[str, Any]) -> None:
    _bounded(rule)
    share = rule["of"] == "share"
    if share and "where" not in rule:
        raise _wrong("missing", _("a share needs “where”, which says whose share it is"))
    if share and max(Decimal(rule.get("least", 0)), Decimal(rule.get("most", 0))) > 100:
        raise _wrong("range", _("a share is at most 100 per cent"))
    if share and "currency" in rule:
        raise _wrong("unknown_key", _("a share has no “currency”"))
    if not share and "currency" not in rule:
        raise _wrong("missing", _("“currency” is missing"))


def _entries_per(rule: dict[str, Any]) -> None:
    if rule["per"] == "person" and "where" in rule:
        raise _wrong("unknown_key", _("“where” is about institutions, and this rule counts the entries of a person"))


def _long_enough(rule: dict[str, Any]) -> None:
    _bounded(rule)
    greatest = GREATEST[rule["unit"]]
    if max(rule.get("least", 0), rule.get("most", 0)) > greatest:
        raise _wrong("range", _("write a number from %(first)s to %(last)s"), first=1, last=greatest)


def _placed(rule: dict[str, Any]) -> None:
    if "in" not in rule and "not_in" not in rule:
        raise _wrong("missing", _("write “in”, “not_in” or both"))


FILTERS: dict[str, Read] = {"role": _named, "member": _flag, "in": _places, "not_in": _places}
_WHERE = {"where": _filter("role", "member", "in", "not_in")}


def _between(greatest: int, smallest_most: int = 1) -> dict[str, Read]:
    return {"least": _whole(greatest), "most": _whole(greatest, smallest_most)}


SHAPES = {
    "number": Shape(
        {"of": _one_of("institutions", "countries")}, {**_between(GREATEST["number"], 0), **_WHERE}, _bounded
    ),
    "every": Shape({"is": _filter("member", "in", "not_in")}, _WHERE),
    "different_countries": Shape({"roles": _roles}, {}),
    "entries": Shape(
        {"per": _one_of("person", "institution"), "most": _whole(GREATEST["entries"])}, _WHERE, _entries_per
    ),
    "amount": Shape(
        {"of": _one_of("total", "each", "share")},
        {"least": _decimal, "most": _decimal, "currency": _currency, **_WHERE},
        _amount_of,
    ),
    "duration": Shape({"unit": _one_of("days", "months")}, _between(GREATEST["days"]), _long_enough),
    "sites": Shape({}, {"in": _places, "not_in": _places}, _placed),
    "count": Shape({"of": _named}, _between(GREATEST["count"]), _bounded),
    "tag": Shape({"is": _named}, {}),
    "any_of": Shape({"rules": _parts}, {}),
    "all_of": Shape({"rules": _parts}, {}),
    "when": Shape({"if": _part, "then": _part}, {}),
}
