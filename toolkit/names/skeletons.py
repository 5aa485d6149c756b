"""Names that look alike have one skeleton: "Institute", "lnstitute" and "Inѕtitute" (with a Cyrillic letter).

The look-alikes are those of Unicode Technical Standard 39 (https://www.unicode.org/reports/tr39/, confusables.txt), as
the package confusable-homoglyphs carries them. A skeleton is a key for comparing and is never shown.

Unlike the skeleton of the standard, this one is blind to case, accents, spaces and punctuation too. To look alike and to
differ in case are one relation here, closed over its pairs: “I” looks like “l” and is a capital “i”, so i and l are one;
so are n and v (by Ν and ν of Greek), r, u and y, f and s, m and rn. More names meet than are alike, and a person looks
at them; two that look alike never pass each other by.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from string import ascii_lowercase

from confusable_homoglyphs.utils import load

from toolkit.names.folding import INVISIBLE, fold

SKELETON_LENGTH = 300

# Capitals and small letters are one letter. In the rare scripts of the table that would join what nobody confuses:
# a capital of Warang Citi looks like T, and its small letter like y.
_CASED = ("LATIN", "GREEK", "CYRILLIC")
_SPELT_OUT = {"ß", "ẞ"}  # Its capitals are SS, so it is no look-alike of β.
_MARKS_OF_DIRECTION = dict.fromkeys((0x200E, 0x200F))


def skeleton(text: str) -> str:
    """What all texts that look like this one have in common, at most 300 characters; empty where nothing is left."""
    return _skeleton(text)[:SKELETON_LENGTH]


def _skeleton(text: str) -> str:
    return _bare(text).translate(_table()).replace(" ", "")


def _bare(text: str) -> str:
    """Taken apart, without what has no ink and without the marks that `fold` drops."""
    parts = unicodedata.normalize("NFD", INVISIBLE.sub("", text))
    if parts.isascii():
        return parts
    return "".join(part for part in parts if fold(part) or not unicodedata.combining(part))


class _Table(dict[int, str]):
    def __missing__(self, code: int) -> str:
        """A character that looks like no other; its folded form may."""
        folded = fold(chr(code)).replace(" ", "")
        return folded if folded == chr(code) else _skeleton(folded)


@cache
def _table() -> _Table:
    """Read when first needed: most processes never compare names, and the data are ten times as large as the table."""
    groups = _Groups(_pairs())
    table = _Table()
    for group in groups.all():
        kept = fold(_kept_of(group)).replace(" ", "")
        table.update({ord(member): kept for member in group if len(member) == 1})
    while changed := {code: new for code, kept in table.items() if (new := _once_more(kept, table)) != kept}:
        table.update(changed)
    return table


def _once_more(kept: str, table: _Table) -> str:
    """The letters of “rn”, which “m” stands for, look like others themselves."""
    return "".join(table.get(ord(letter), letter) for letter in kept)


def _pairs() -> Iterator[tuple[str, str]]:
    characters: set[str] = set(ascii_lowercase)
    for one, others in load("confusables.json").items():
        for other in others:
            pair = _member(one), _member(other["c"])
            if all(pair) and not _SPELT_OUT & set(pair):
                yield pair
                characters.update(member for member in pair if len(member) == 1)
    for character in characters:
        for same in _other_forms(character) if character.isalpha() else ():
            if member := _member(same):
                yield character, member


def _other_forms(character: str) -> set[str]:
    forms = {character.casefold(), character.upper().casefold()}
    cased = unicodedata.name(character, "").startswith(_CASED)
    return {form for form in forms if len(form) == 1 and form != character} if cased else set()


def _member(text: str) -> str:
    return _bare(text.translate(_MARKS_OF_DIRECTION))


class _Groups:
    """Union of pairs."""

    def __init__(self, pairs: Iterable[tuple[str, str]]):
        self.above: dict[str, str] = {}
        for one, other in pairs:
            self.above[self._top(one)] = self._top(other)

    def _top(self, member: str) -> str:
        self.above.setdefault(member, member)
        while (above := self.above[member]) != member:
            self.above[member] = member = self.above[above]
        return member

    def all(self) -> list[set[str]]:
        groups: dict[str, set[str]] = defaultdict(set)
        for member in list(self.above):
            groups[self._top(member)].add(member)
        return list(groups.values())


def _kept_of(group: set[str]) -> str:
    """What stands for the whole group: “rn” for what looks like it, else a letter or digit of ASCII, and nothing for
    what looks like punctuation."""
    for several in sorted(member for member in group if len(member) > 1):
        if not group & set(several) and any(letter.isalnum() for letter in several):
            return several
    plain = sorted(member for member in group if len(member) == 1 and member.isascii())
    letters = [member for member in plain if member.isalnum()]
    if letters:
        return letters[-1].lower()
    return "" if plain else min(group)
