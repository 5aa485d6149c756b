"""One list as asked for: its rows by pages, or all of them as a file, and everything that the page says about them."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from toolkit.listing import empty
from toolkit.listing.exports import WRITERS, Columns, export
from toolkit.listing.facets import Facet, Found, find
from toolkit.listing.filters import MOST_NOTES, Choice, ListFilters, printable, shown
from toolkit.listing.links import Link, Setting, counted
from toolkit.listing.parameters import WordsFilter, read_day, read_page, read_year

SIZES = (25, 50, 100)
MOST_ROWS = 10_000  # that pages and files reach; more are counted as "10,000+"
RELEVANCE = "relevance"

Prepare = Callable[[Any, Any], QuerySet]  # takes the filters too: what a row shows may depend on them


class Sort(NamedTuple):
    label: str | Promise
    order: tuple[Any, ...]


class Listing:
    """Reads the request when made, so what cannot be read is refused (BadRequest) before anything is asked.

    `rows`: what the reader may see. `for_page` and `for_file` add what a row shows on the page, and in a file where that
    is more. `first`: an order that stands before every other.
    """

    def __init__(
        self,
        request: HttpRequest,
        filters: type[ListFilters],
        rows: QuerySet,
        *,
        sorts: Mapping[str, Sort],
        columns: Columns,
        for_page: Prepare,
        for_file: Prepare | None = None,
        first: tuple[Any, ...] = (),
    ):
        self.request = request
        self.filters = filters(request.GET, rows, request=request)
        self.all_sorts, self.columns, self.first = sorts, columns, first
        self.for_page, self.for_file = for_page, for_file or for_page
        self.refusals: list[str] = []
        self.number = read_page(request.GET.get("page", ""))
        self._check("year", read_year)
        self._check("as_of", read_day)
        self.size = int(
            self._one_of("size", [str(size) for size in SIZES], _("%(value)s is not a page size: 25, 50 or 100."))
        )
        self.format = self._one_of("format", ["", *WRITERS], _("There is no format “%(value)s”: csv, xlsx or json."))
        self.sort = self._one_of("sort", [*self._sort_names(), RELEVANCE], _("There is no order “%(value)s” here."))
        if self.sort == RELEVANCE and not self.words:
            self.sort = next(iter(sorts))

    # What was asked for

    def _check(self, name: str, read: Callable[[str], object]) -> None:
        """A year or day that cannot be read is refused by every list, also where it would mean nothing."""
        for text in self.request.GET.getlist(name):
            if text.strip():
                read(text.strip())

    def _one_of(self, name: str, known: list[str], refusal: str) -> str:
        asked = self.request.GET.get(name, "").strip()
        if asked and asked not in known:
            self.refusals.append(refusal % {"value": shown(asked)})
        return asked if asked in known else known[0]

    def _sort_names(self) -> list[str]:
        return [RELEVANCE, *self.all_sorts] if self.words else list(self.all_sorts)

    @cached_property
    def words(self) -> WordsFilter | None:
        """The filter of words, where it is used and can be."""
        found = self.filters.filters.get("q")
        usable = isinstance(found, WordsFilter) and any(choice.key for choice in self.filters.chosen["q"])
        return found if usable else None

    @property
    def query(self) -> str:
        """What stands in the field for words."""
        return printable(" ".join(choice.value for choice in self.filters.chosen["q"]))

    @property
    def searched(self) -> str | Promise:
        return self.filters.filters["q"].searched

    # What was found

    @cached_property
    def _found(self) -> Found:
        """What the page needs beside its rows. Their keys are among it, so that they are prepared without being sought again."""
        start = (self.number - 1) * self.size
        keys = self._in_order(self.for_page(self._rows, self.filters)).values("pk")[
            start : min(start + self.size, MOST_ROWS)
        ]
        found = find(self.filters, keys, MOST_ROWS)
        return found._replace(total=0) if self.refusals else found

    @property
    def _rows(self) -> QuerySet:
        return self.filters.rows().none() if self.refusals else self.filters.rows()

    def _in_order(self, rows: QuerySet) -> QuerySet:
        if self.sort == RELEVANCE:
            rows = rows.annotate(rank=self.words.match.rank)  # type: ignore[union-attr]
            return rows.order_by(*self.first, "-rank", "sort_key", "pk")
        return rows.order_by(*self.first, *self.all_sorts[self.sort].order, "pk")

    @property
    def facets(self) -> list[Facet]:
        return self._found.facets

    @property
    def total(self) -> int:
        """Exact up to MOST_ROWS; one more means “more than that”."""
        return self._found.total

    @property
    def total_text(self) -> str:
        return counted(self.total, MOST_ROWS)

    @cached_property
    def page(self) -> Page | None:
        """None where there is nothing on it: no row at all, or a number behind the last page."""
        if not self.total or self.number > self.page_count:
            return None
        rows = self._in_order(
            self.for_page(self._rows.model._default_manager.filter(pk__in=self._found.keys), self.filters)
        )
        return Page(rows, self.number, Paginator(range(min(self.total, MOST_ROWS)), self.size))

    @property
    def page_count(self) -> int:
        return -(-min(self.total, MOST_ROWS) // self.size)

    def export(self) -> HttpResponse:
        columns = {**self.columns, "address": lambda row: settings.PORTAL_BASE_URL + row.get_absolute_url()}
        return export(
            self.format, self.name, columns, self._in_order(self.for_file(self._rows, self.filters))[:MOST_ROWS]
        )

    # What the page says

    @property
    def is_close(self) -> bool:
        """No row has the words; these only have similar ones."""
        return bool(self.words and self.words.match and self.words.match.close)

    @property
    def is_beyond(self) -> bool:
        return bool(self.total) and self.page is None

    @cached_property
    def notes(self) -> list[str]:
        notes = [*self.refusals, *self.filters.notes]
        if len(notes) > MOST_NOTES:
            notes[MOST_NOTES:] = [
                _("And %(number)d more of the values name nothing.") % {"number": len(notes) - MOST_NOTES}
            ]
        return notes

    @cached_property
    def chips(self) -> list[Link]:
        return [
            Link(
                f"{self.filters.filters[name].label}: {choice.label}",
                self.url_with({name: [c for c in choices if c != choice]}),
            )
            for name, choices in self.filters.chosen.items()
            for choice in choices
        ]

    @property
    def clear_url(self) -> str:
        return self.url_with({name: [] for name in self.filters.chosen})

    @property
    def first_page_url(self) -> str:
        return self.url_with({})

    @property
    def canonical(self) -> str:
        """The address of this list without its page and whatever else does not choose rows."""
        return settings.PORTAL_BASE_URL + self.url_with({}, kept=())

    @property
    def name(self) -> str:
        return self.request.path.strip("/").replace("/", "-")

    @property
    def search_query(self) -> str:
        return self.url_with({}, kept=()).removeprefix(self.request.path)

    @property
    def can_be_followed(self) -> bool:
        """What names nothing finds nothing, and a day of the past stays as it was."""
        return not (self.notes or self.filters.chosen.get("as_of"))

    @property
    def why_empty(self) -> str:
        return empty.why_empty(self)

    @cached_property
    def way_out(self) -> Link | None:
        return empty.way_out(self, MOST_ROWS)

    @property
    def sorts(self) -> list[Setting]:
        labels = {RELEVANCE: _("best match"), **{name: str(sort.label) for name, sort in self.all_sorts.items()}}
        return [Setting(name, labels[name], name == self.sort) for name in self._sort_names()]

    @property
    def sizes(self) -> list[Setting]:
        return [Setting(str(size), str(size), size == self.size) for size in SIZES]

    def url_with(self, instead: dict[str, list[Choice]], kept: tuple[str, ...] = ("sort", "size")) -> str:
        """The address with other choices in some parameters, and back at the first page."""
        pairs = [
            (name, choice.value) for name, choices in {**self.filters.chosen, **instead}.items() for choice in choices
        ]
        pairs += [(name, value) for name in kept if (value := self.request.GET.get(name))]
        return f"{self.request.path}?{urlencode(pairs)}" if pairs else self.request.path
