"""Finds rows by words: in folded names by trigrams, in long text by a tsvector, and where nothing has them, by likeness."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import add, and_, or_
from typing import NamedTuple

from django.contrib.postgres.search import SearchQuery, TrigramSimilarity, TrigramWordSimilarity
from django.db.models import Case, CharField, Exists, F, FloatField, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Greatest, StrIndex
from django.db.models.lookups import GreaterThan, IsNull

from toolkit.names import find_identifier, fold_words, sort_key

MOST_TERMS = 30  # of one search; what a person types has fewer
MOST_CLOSE = 200  # rows that only look like the words
LIKENESS = 0.4  # of a word with one letter wrong: 0.4 for four letters, 0.5 for five, 0.67 for eight
NEARLY_AS_CLOSE = 0.8  # of the likeness of the closest row

_TERM = re.compile(r'["“”«»„]([^"“”«»„]*)["“”«»„]|([^\s"“”«»„]+)')

NO_ROW = Q(pk__in=[])


class Term(NamedTuple):
    """What must occur: one word, the beginning of one, or several in this order."""

    words: tuple[str, ...]
    is_beginning: bool = False

    def __str__(self) -> str:
        return " ".join(self.words)

    @property
    def tsquery(self) -> SearchQuery:
        # Folded words hold letters, digits and marks alone, so nothing in them can end the quotes.
        lexemes = " <-> ".join(f"'{word}'" for word in self.words)
        return SearchQuery(f"{lexemes}:*" if self.is_beginning else lexemes, config="simple", search_type="raw")


class Match(NamedTuple):
    rows: QuerySet
    condition: Q
    rank: Combinable
    close: bool
    words: str


def match(
    rows: QuerySet,
    text: str | Sequence[str],
    exact: bool = False,
    /,
    *,
    names: str = "names_folded",
    vector: str | None = None,
    acronym: str | None = None,
) -> Match:
    """The rows that have all words of the text (of one of the texts), annotated with `rank`, higher is better.

    `rows` are those that the reader may see: where none of them has the words, those with similar words are taken, unless
    `exact`, and `close` says so. Asks the database once for that.
    """
    searches = [terms for one in ([text] if isinstance(text, str) else text) if (terms := parse(one))]
    words = " ".join(str(term) for terms in searches for term in terms)
    if not searches:
        return Match(rows.none().annotate(rank=Value(0.0)), NO_ROW, Value(0.0), False, words)
    condition = reduce(or_, (_has_all(terms, names, vector) for terms in searches))
    keys = [] if exact else _close_keys(rows, searches, names, unless=rows.filter(condition))
    if keys:
        condition = Q(pk__in=keys)
        rank = _best([_likeness(terms, names) + _nearness(_phrase(terms)) for terms in searches])
    else:
        rank = _best([_rank(terms, names, acronym) for terms in searches])
    return Match(rows.filter(condition).annotate(rank=rank), condition, rank, bool(keys), words)


def parse(text: str) -> list[Term]:
    """The terms of a search; a pasted ROR id or address is one word, by which its institution is found."""
    identifier = find_identifier(text)
    if identifier and identifier[0] == "ror":
        return [Term((identifier[1],))]
    terms = []
    for phrase, word in _TERM.findall(text):
        if phrase:
            terms.append(Term(tuple(fold_words(phrase))))
        else:
            # Punctuation parts words here as it does in what was stored; the star belongs to the last of them.
            *before, last = fold_words(word) or [""]
            terms += [Term((one,)) for one in before] + [Term((last,) if last else (), word.endswith("*"))]
    return list(dict.fromkeys(term for term in terms if term.words))[:MOST_TERMS]


def _has_all(terms: list[Term], names: str, vector: str | None) -> Q:
    """Each term in the names or in the long text."""
    found = [Q((f"{names}__contains", str(term))) for term in terms]
    if vector:
        found = [in_names | Q((vector, term.tsquery)) for in_names, term in zip(found, terms, strict=True)]
    return reduce(and_, found)


def _rank(terms: list[Term], names: str, acronym: str | None) -> Combinable:
    """The name itself before its beginning, before words of it, before letters of it, before the long text."""
    phrase = _phrase(terms)
    itself = Q(sort_key__startswith=sort_key(phrase).partition("\x01")[0] + "\x01")
    if acronym:
        itself |= Q((f"{acronym}__iexact", phrase))
    padded = Concat(Value(" "), F(names), Value(" "), output_field=TextField())
    place = Case(
        When(itself, then=4.0),
        When(Q((f"{names}__startswith", f"{phrase} ")), then=3.0),
        When(GreaterThan(StrIndex(padded, Value(f" {phrase} ")), 0), then=2.0),
        When(reduce(and_, (Q((f"{names}__contains", str(term))) for term in terms)), then=1.0),
        default=0.0,
        output_field=FloatField(),
    )
    return place + _nearness(phrase)


def _phrase(terms: list[Term]) -> str:
    return " ".join(str(term) for term in terms)


def _nearness(phrase: str) -> Combinable:
    """Up to 1: of names that hold the words alike, the one with least beside them comes first."""
    return TrigramSimilarity("sort_key", phrase)


def _close_keys(rows: QuerySet, searches: list[list[Term]], names: str, *, unless: QuerySet) -> list[int]:
    """Keys of the rows whose names have a word like each term, none where there are rows in `unless`: one statement.

    That is decided before any row is read. A phrase is meant as it stands.
    """
    searches = [terms for terms in searches if all(len(term.words) == 1 for term in terms)]
    if not searches:
        return []
    like = [
        reduce(and_, (Q((f"{names}__trigram_word_similar", word)) for word in _long_words(terms))) for terms in searches
    ]
    found = (
        rows.filter(~Exists(unless.order_by()), _likeness_threshold(), reduce(or_, like))
        .annotate(likeness=_best([_likeness(terms, names) for terms in searches]))
        .order_by("-likeness", "pk")
        .values_list("pk", "likeness")[:MOST_CLOSE]
    )
    pairs = list(found)
    return [key for key, likeness in pairs if likeness >= pairs[0][1] * NEARLY_AS_CLOSE]


def _likeness(terms: list[Term], names: str) -> Combinable:
    words = _long_words(terms)
    likenesses: list[Combinable] = [TrigramWordSimilarity(word, names) for word in words]
    return reduce(add, likenesses) / Value(float(len(words)))


def _long_words(terms: list[Term]) -> list[str]:
    """Short words are like too many; they count only where there are no others."""
    words = [word for term in terms for word in term.words]
    return [word for word in words if len(word) > 3] or words


def _likeness_threshold() -> IsNull:
    """Lowers pg_trgm's threshold for this one statement, so that the trigram index answers and no second trip is needed.

    A condition that names no column is decided before any row is read, and the setting is local to the transaction.
    """
    return IsNull(_SetThreshold(Value(str(LIKENESS)), output_field=CharField()), False)


class _SetThreshold(Func):
    template = "(SELECT set_config('pg_trgm.word_similarity_threshold', %(expressions)s, true))"


def _best(ranks: list[Combinable]) -> Combinable:
    return ranks[0] if len(ranks) == 1 else Greatest(*ranks)
