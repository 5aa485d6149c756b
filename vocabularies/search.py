"""Themes and countries by their names in any language. There are few, so they are compared here and not in the database."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TypeVar

from toolkit.names import fold_words
from vocabularies.models import Country, Theme

LIKENESS = 0.8  # one wrong letter in a word of five

Named = TypeVar("Named", Theme, Country)


def matching(text: str, rows: Iterable[Named]) -> list[Named]:
    """Those that have all words of the text in their names, or the code itself; where none has, those with words like them."""
    words = fold_words(text)[:10]
    rows = list(rows)
    if not words:
        return []
    coded = [row for row in rows if len(words) == 1 and getattr(row, "code", "").lower() == words[0]]
    found = coded or [row for row in rows if all(word in row.names_folded for word in words)]
    return found or [row for row in rows if _is_like(words, row.names_folded.split())]


def _is_like(words: list[str], known: list[str]) -> bool:
    return all(len(word) > 3 and get_close_matches(word, known, n=1, cutoff=LIKENESS) for word in words)
