"""The kinds of parameters that lists have."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property, reduce
from operator import or_

from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Expression, F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, ExtractYear, Greatest
from django.db.models.lookups import GreaterThanOrEqual, In
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toolkit.clock import Today
from toolkit.dates import format_date
from toolkit.listing.filters import Choice, FacetFilter, ListFilter, count_values, shown
from toolkit.listing.matching import Match, match, parse
from toolkit.listing.together import Answer, Question, former_values_of, named_values_of, split_former, values_of

LONGEST_SEARCH = 500
MOST_SEARCHES = 5  # in one address

_SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")
_PAGE = re.compile(r"0*[1-9][0-9]*")
_YEAR = re.compile(r"(?!0000)[0-9]{4}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Unnest(Func):
    """Each value of an array, in a row of its own."""

    function = "unnest"
    set_returning = True
    output_field = TextField()


class WordsFilter(ListFilter):
    """`q`. `searched` tells the reader where the words are looked for; `where` are the arguments of `match`."""

    def __init__(self, *, searched: str | Promise, where: Mapping[str, str], **options):
        super().__init__(label=gettext_lazy("Words"), **options)
        self.searched = searched
        self.where = where

    def choose(self, values: list[str], answers: list[Answer]) -> list[Choice]:
        return super().choose(values[:MOST_SEARCHES], answers)

    def read(self, text: str) -> Choice:
        label = f"“{shown(text)}”"
        return Choice(text, label, text if len(text) <= LONGEST_SEARCH and parse(text) else None)

    def note(self, choice: Choice) -> str:
        if len(choice.value) > LONGEST_SEARCH:
            return _("Search with at most %(number)d characters.") % {"number": LONGEST_SEARCH}
        return _("“%(value)s” holds no word to look for.") % {"value": shown(choice.value)}

    @cached_property
    def match(self) -> Match | None:
        """What the words find among all rows that the reader may see, whatever the other filters say."""
        texts = [choice.key for choice in self.parent.chosen[self.name] if choice.key]
        return match(self.parent.queryset, texts, self.parent.exact, **self.where) if texts else None

    def condition(self, keys: list) -> Q:
        assert self.match
        return self.match.condition


class ChoiceFilter(FacetFilter):
    """A column, or an expression, that has one of a few values."""

    def __init__(self, choices, value: str | Expression = "", *, default: tuple[str, ...] = (), **options):
        super().__init__(**options)
        self.labels = dict(choices)
        self.value = value
        self.default = default

    def read(self, text: str) -> Choice:
        known = text in self.labels
        return Choice(text, str(self.labels[text]) if known else shown(text), text if known else None)

    def condition(self, keys: list) -> Q:
        if isinstance(self.value, str):
            return Q((f"{self.value}__in", keys))
        return Q(In(self.value, keys))

    def counts(self, rows: QuerySet) -> list[Question]:
        return [values_of(count_values(rows, self.value))]


class ReferenceFilter(FacetFilter):
    """Other records, named by a slug or code. `path` leads to them from a row of the list."""

    def __init__(
        self,
        path: str,
        known: Callable[..., QuerySet],
        *,
        code: str = "slug",
        name: str | None = "name",
        many: bool = True,
        repeats: bool = False,
        most: int | None = None,
        spell: Callable[[str], str] = str,
        all_labels: Callable[[], dict[str, str]] | None = None,
        former: Callable[[], QuerySet] | None = None,
        **options,
    ):
        """`known(request)`: those that the reader may know of. `many`: a row may have several of them, and with
        `repeats` the same one twice. `most`: offer only that many. `all_labels`: names that the database does not have.
        `former`: (former code, code, name, key) of records that had another code before.
        """
        super().__init__(**options)
        self.path, self.known, self.code, self.name_column = path, known, code, name
        self.many, self.repeats, self.most = many, repeats, most
        self.spell, self.all_labels, self.former = spell, all_labels, former

    @cached_property
    def labels(self) -> dict[str, str]:  # type: ignore[override]
        return self.all_labels() if self.all_labels else {}

    def questions(self, values: list[str]) -> list[Question]:
        codes = [self.spell(value) for value in values if _SLUG.fullmatch(value)]
        if not codes:
            return []
        name = F(self.name_column) if self.name_column else Value("")
        known = self.known(self.parent.request).order_by().filter(Q((f"{self.code}__in", codes)))
        asked = [
            values_of(known.annotate(called=name, key=Cast("pk", TextField())).values_list(self.code, "called", "key"))
        ]
        if self.former:
            renamed = self.former().order_by()
            asked.append(former_values_of(renamed.filter(Q((f"{renamed.query.values_select[0]}__in", codes)))))
        return asked

    def choose(self, values: list[str], answers: list[Answer]) -> list[Choice]:
        key_of = self.known(self.parent.request).model._meta.pk.to_python
        found = {}
        for code, name, key in answers:
            now, key = split_former(code or "", key or "")
            found[code] = Choice(now, self.label_of(now, name), key_of(key))
        choices = [found.get(self.spell(value)) or Choice(value, shown(value)) for value in values]
        return list(dict.fromkeys(choices))

    def condition(self, keys: list) -> Q:
        if not self.many:
            return Q((f"{self.path}__in", keys))
        # Chosen by key, so that a row with several of them stands in the list once; asked of the table that lies between.
        name, _dots, further = self.path.partition("__")
        relation = self.model._meta.get_field(name)
        if relation.many_to_many:
            between, target, back = (
                relation.remote_field.through,
                relation.m2m_reverse_field_name(),
                relation.m2m_field_name(),
            )
        else:
            between, target, back = relation.related_model, further, relation.field.name
        return Q(pk__in=between._base_manager.filter(Q((f"{target}__in", keys))).values(back))

    def counts(self, rows: QuerySet) -> list[Question]:
        named = rows.filter(Q((f"{self.path}__isnull", False)))
        found = count_values(named, self.path, repeats=self.repeats, most=self.most)
        if not self.name_column:
            return [values_of(found)]
        names = self.known(self.parent.request).order_by().values_list("pk", self.code, self.name_column)
        return [named_values_of(found, names)]


class ListedFilter(FacetFilter):
    """A column that holds several values of its own, such as keywords. What no row has names nothing."""

    def __init__(
        self,
        column: str,
        *,
        most: int | None = None,
        all_labels: Callable[[], Mapping[str, str]] | None = None,
        **options,
    ):
        """`most`: offer only that many. `all_labels`: what the values are called, where they are codes."""
        super().__init__(**options)
        self.column, self.most, self.all_labels = column, most, all_labels

    @cached_property
    def labels(self) -> Mapping[str, str]:  # type: ignore[override]
        return self.all_labels() if self.all_labels else {}

    def questions(self, values: list[str]) -> list[Question]:
        asked = [value for value in values if "\x00" not in value]
        if not asked:
            return []
        nothing = Value(None, output_field=TextField())
        rows = self.parent.queryset.order_by().filter(Q((f"{self.column}__overlap", asked)))
        listed = rows.annotate(listed=Unnest(F(self.column)), called=nothing, key=nothing)
        return [values_of(listed.values_list("listed", "called", "key").distinct())]

    def choose(self, values: list[str], answers: list[Answer]) -> list[Choice]:
        known = {value for value, _name, _key in answers}
        return [
            Choice(value, self.label_of(value, None), value) if value in known else Choice(value, shown(value))
            for value in values
        ]

    def condition(self, keys: list) -> Q:
        return Q((f"{self.column}__overlap", keys))

    def counts(self, rows: QuerySet) -> list[Question]:
        return [values_of(count_values(rows, Unnest(F(self.column)), repeats=True, most=self.most))]


class YearFilter(FacetFilter):
    """The rows that run in a year. Without an end they run until today, on the database's clock, if they are `lasting`."""

    newest_first = True

    def __init__(self, starts: str, ends: str, *, lasting: bool = True, **options):
        super().__init__(**options)
        self.starts, self.ends, self.lasting = starts, ends, lasting

    def read(self, text: str) -> Choice:
        year = read_year(text)
        return Choice(text, text, year)

    def condition(self, keys: list) -> Q:
        return reduce(or_, (self._runs_in(year) for year in keys))

    def _runs_in(self, year: int) -> Q:
        first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
        begun = Q((f"{self.starts}__lte", last))
        goes_on = Q((f"{self.ends}__gte", first))
        starts_then = Q((f"{self.starts}__gte", first))
        until_now = starts_then | Q(GreaterThanOrEqual(Today(), Value(first))) if self.lasting else starts_then
        return begun & (goes_on | Q((f"{self.ends}__isnull", True)) & until_now)

    def counts(self, rows: QuerySet) -> list[Question]:
        """By first and last year: few pairs, which `tally` spreads over the years between."""
        last = Greatest(F(self.starts), Today()) if self.lasting else F(self.starts)
        end = Coalesce(F(self.ends), last)
        begun = rows.filter(Q((f"{self.starts}__isnull", False)))
        return [values_of(count_values(begun, ExtractYear(self.starts), ExtractYear(end)))]

    def tally(self, answers: list[Answer]) -> dict[str, tuple[str, int]]:
        numbers: Counter[str] = Counter()
        for first, last, number in answers:
            years = range(int(first or 0), int(last or 0) + 1)
            numbers.update({f"{year:04}": int(number or 0) for year in years})
        return {year: (year, number) for year, number in numbers.items()}


class DayFilter(ListFilter):
    """`as_of`: it filters nothing itself; the filters of standings ask for `day`. The last one given holds."""

    def read(self, text: str) -> Choice:
        day = read_day(text)
        return Choice(text, format_date(day), day)

    def choose(self, values: list[str], answers: list[Answer]) -> list[Choice]:
        return [self.read(value) for value in values][-1:]

    @property
    def day(self) -> datetime.date | None:
        return next((choice.key for choice in self.parent.chosen[self.name]), None)

    def filter(self, qs: QuerySet, value) -> QuerySet:
        return qs


def read_page(text: str) -> int:
    """The number of a page of a list, the first where none is asked for."""
    text = text.strip() or "1"
    if not _PAGE.fullmatch(text):
        raise BadRequest(_("page: “%(value)s” is not the number of a page.") % {"value": shown(text)})
    return int(text.lstrip("0")[:9])


def page_of(request: HttpRequest, paginator: Paginator) -> Page | None:
    """The page that is asked for of a list without filters; None behind the last one."""
    try:
        return paginator.page(read_page(request.GET.get("page", "")))
    except InvalidPage:
        return None


def read_year(text: str) -> int:
    if not _YEAR.fullmatch(text):
        raise BadRequest(_("year: “%(value)s” is not a year such as 2026.") % {"value": shown(text)})
    return int(text)


def asked_day(request: HttpRequest) -> datetime.date | None:
    """`as_of` of a page that is no list; the last one given holds, as in lists."""
    given = [text.strip() for text in request.GET.getlist("as_of") if text.strip()]
    return [read_day(text) for text in given][-1] if given else None


def read_day(text: str) -> datetime.date:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise BadRequest(_("as_of: “%(value)s” is not a day such as 2026-11-23.") % {"value": shown(text)}) from None
