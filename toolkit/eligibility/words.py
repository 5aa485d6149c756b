"""The pieces that sentences are made of, in the active language."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NAMED = 10
# Of these roles an entry has one, so a sentence says "the lead institution" and not "every lead institution".
SINGLE = {"lead", "host", "home"}


def sentence(clause: str) -> str:
    return capfirst(_("%(clause)s.") % {"clause": clause}) if clause else ""


def clauses(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)


def numeral(number: int) -> str:
    """Small numbers as words, the others as digits."""
    words = [_("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine")]
    return words[number] if 0 <= number < len(words) else figure(number)


def figure(number: int | Decimal) -> str:
    places = 0 if number == int(number) else 2
    return number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True)


def money(amount: Decimal, currency: str) -> str:
    return _("%(currency)s %(amount)s") % {"currency": currency, "amount": figure(amount)}


def per_cent(share: Decimal) -> str:
    return _("%(share)s %%") % {"share": figure(share)}


def either(items: list[str]) -> str:
    return (
        items[0]
        if len(items) == 1
        else _("%(first)s or %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}
    )


def both(items: list[str]) -> str:
    return (
        items[0]
        if len(items) == 1
        else _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}
    )


def listed(names: Iterable[str]) -> str:
    """ "Kenya, Pakistan": at most ten, and how many more there are."""
    names = list(dict.fromkeys(names))
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {"names": shown, "more": more}


def bounds(rule: Mapping[str, Any], whole: Callable[[Any], str], bare: Callable[[Any], str]) -> str:
    """ "at least 5 and at most 90 days": `whole` says a number with what is counted, `bare` without."""
    least, most = rule.get("least"), rule.get("most")
    if least is None:
        return _("at most %(most)s") % {"most": whole(most)} if most else whole(most)
    if most is None:
        return _("at least %(least)s") % {"least": whole(least)}
    if least == most:
        return _("exactly %(number)s") % {"number": whole(least)}
    return _("at least %(least)s and at most %(most)s") % {"least": bare(least), "most": whole(most)}


def amiss(number: Any, rule: Mapping[str, Any], say: Callable[[Any], str]) -> str:
    """By how much a number misses the bounds."""
    least, most = rule.get("least"), rule.get("most")
    if least is not None and number < least:
        return _("that is %(gap)s too little") % {"gap": say(least - number)}
    if most is not None and number > most:
        return _("that is %(gap)s too much") % {"gap": say(number - most)}
    return ""


@dataclass(frozen=True)
class Words:
    """`names` says countries, lists, roles, counts and tags as readers know them."""

    names: Mapping[str, str]

    def term(self, key: str) -> str:
        return self.names.get(key) or key.replace("_", " ")

    def countries(self, codes: Iterable[str]) -> str:
        return listed(sorted(self.term(code) for code in set(codes)))

    def place(self, places: list[str]) -> str:
        return either([self.term(place) for place in places])

    def role(self, role: str, number: int) -> str:
        if role == "lead":
            return ngettext("lead institution", "lead institutions", number)
        if role == "partner":
            return ngettext("partner", "partners", number)
        if role == "host":
            return ngettext("host institution", "host institutions", number)
        if role == "home":
            return ngettext("home institution", "home institutions", number)
        if role == "co_host":
            return ngettext("co-host", "co-hosts", number)
        return self.term(role)

    def who(self, where: Mapping[str, Any], number: int) -> str:
        """ "co-hosts outside mainland China that are members"."""
        role, member = where.get("role"), where.get("member")
        if role:
            parts = [self.role(role, number)]
        elif member:
            parts = [ngettext("member", "members", number)]
        else:
            parts = [ngettext("institution", "institutions", number)]
        if "in" in where:
            parts.append(_("in %(places)s") % {"places": self.place(where["in"])})
        if "not_in" in where:
            parts.append(_("outside %(places)s") % {"places": self.place(where["not_in"])})
        if member and role:
            parts.append(ngettext("that is a member", "that are members", number))
        if member is False:
            parts.append(ngettext("that is not a member", "that are not members", number))
        return " ".join(parts)

    def number_of(self, number: int, where: Mapping[str, Any]) -> str:
        return _("%(number)s %(what)s") % {"number": numeral(number), "what": self.who(where, number)}

    def each(self, where: Mapping[str, Any]) -> str:
        if where.get("role") in SINGLE:
            return _("the %(who)s") % {"who": self.who(where, 1)}
        return _("every %(who)s") % {"who": self.who(where, 1)}

    def all_of(self, where: Mapping[str, Any]) -> str:
        return _("the %(who)s") % {"who": self.who(where, 1 if where.get("role") in SINGLE else 2)}

    def being(self, wanted: Mapping[str, Any]) -> str:
        """ "is a member and is outside mainland China"."""
        parts = []
        if "member" in wanted:
            parts.append(_("is a member") if wanted["member"] else _("is not a member"))
        if "in" in wanted:
            parts.append(_("is in %(places)s") % {"places": self.place(wanted["in"])})
        if "not_in" in wanted:
            parts.append(_("is outside %(places)s") % {"places": self.place(wanted["not_in"])})
        return both(parts)
