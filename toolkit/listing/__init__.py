"""Lists of records: filters with counts, pages, and files of the same rows. Knows no app.

An app declares its parameters in `filters.py` (a `ListFilters`); its view makes a `Listing` of the request.
"""

from toolkit.listing.exports import Columns
from toolkit.listing.filters import Choice, FacetFilter, ListFilters, count_values
from toolkit.listing.matching import Match, match
from toolkit.listing.pages import Listing, Sort
from toolkit.listing.parameters import (
    ChoiceFilter,
    DayFilter,
    ListedFilter,
    ReferenceFilter,
    WordsFilter,
    YearFilter,
    asked_day,
    page_of,
    read_year,
)
from toolkit.listing.together import Question, named_values_of, values_of

__all__ = [
    "Choice",
    "ChoiceFilter",
    "Columns",
    "DayFilter",
    "FacetFilter",
    "ListFilters",
    "ListedFilter",
    "Listing",
    "Match",
    "Question",
    "ReferenceFilter",
    "Sort",
    "WordsFilter",
    "YearFilter",
    "asked_day",
    "count_values",
    "match",
    "named_values_of",
    "page_of",
    "read_year",
    "values_of",
]
