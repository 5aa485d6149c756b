"""An entry with all that is needed to check a rule about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from toolkit.eligibility.entries import Entry, Party
from toolkit.eligibility.verdicts import every
from toolkit.eligibility.words import Words, listed


@dataclass(frozen=True)
class Case:
    entry: Entry
    lists: Mapping[str, frozenset[str]]
    words: Words

    def lies(self, country: str, wanted: Mapping[str, Any]) -> bool | None:
        """Whether a country is where `in` and `not_in` want it; None while it is blank."""
        if "in" not in wanted and "not_in" not in wanted:
            return True
        if not country:
            return None
        inside = "in" not in wanted or country in self._codes(wanted["in"])
        return inside and not ("not_in" in wanted and country in self._codes(wanted["not_in"]))

    def fits(self, party: Party, wanted: Mapping[str, Any]) -> bool | None:
        return every(
            [
                "role" not in wanted or party.role == wanted["role"],
                "member" not in wanted or party.member == wanted["member"],
                self.lies(party.country, wanted),
            ]
        )

    def in_role(self, wanted: Mapping[str, Any]) -> list[Party]:
        """Those in the role that is named, or all: who is not named yet cannot be left out."""
        return [party for party in self.entry.parties if wanted.get("role", party.role) == party.role]

    def sort(self, wanted: Mapping[str, Any]) -> tuple[list[Party], list[Party]]:
        """The parties that fit, and those that may, once their country is known."""
        verdicts = [(party, self.fits(party, wanted)) for party in self.entry.parties]
        return [party for party, fits in verdicts if fits], [party for party, fits in verdicts if fits is None]

    def nobody(self, wanted: Mapping[str, Any]) -> str:
        role = {"role": wanted["role"]} if "role" in wanted else {}
        return _("no %(who)s is named yet") % {"who": self.words.who(role, 1)}

    def fill_in_countries(self, parties: Iterable[Party]) -> str:
        names = [party.name for party in parties]
        return _("the country of %(names)s is to be filled in") % {"names": listed(names)} if names else ""

    def fill_in_amounts(self, parties: Iterable[Party]) -> str:
        names = [party.name for party in parties]
        return _("the amount of %(names)s is to be filled in") % {"names": listed(names)} if names else ""

    def named(self, parties: Iterable[Party], wanted: Mapping[str, Any]) -> str:
        """ "NUST (Pakistan), KEMRI (Kenya, not a member)": what each is, where that is not what is wanted."""
        return listed(self._described(party, wanted) for party in parties)

    def _described(self, party: Party, wanted: Mapping[str, Any]) -> str:
        facts = [self.words.term(party.country)] if party.country else []
        if wanted.get("member", party.member) != party.member:
            facts.append(_("a member") if party.member else _("not a member"))
        return _("%(name)s (%(facts)s)") % {"name": party.name, "facts": ", ".join(facts)} if facts else party.name

    def _codes(self, places: list[str]) -> set[str]:
        return {code for place in places for code in self.lists.get(place, {place})}
