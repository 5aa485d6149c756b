"""The filters of a list: query parameters that may repeat. Values of one are OR, different ones are AND."""

from functools import cached_property
from typing import Any, NamedTuple

import django_filters
from django import forms
from django.db.models import Count, F, Q, QuerySet, TextField, Value
from django.utils.functional import Promise

from toolkit.listing.matching import NO_ROW
from toolkit.listing.together import Answer, Question, ask_together

LONGEST_SHOWN = 60
MOST_NOTES = 5


class Choice(NamedTuple):
    """A value that was asked for, in words, and what the database knows it by; without a key it names nothing."""

    value: str
    label: str
    key: Any = None


class ValuesField(forms.Field):
    """All values of a repeated parameter. Whether one can be read is for the filter to say, so none is an error here."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value) -> list[str]:
        return list(dict.fromkeys(text for one in value or () if (text := one.strip())))


class ListFilter(django_filters.Filter):
    """One parameter. `missing` is the note for a value that names nothing; it may show %(value)s."""

    field_class = ValuesField
    default: tuple[str, ...] = ()  # the keys that hold where nothing is asked for

    def __init__(self, *, label: str | Promise, missing: str | Promise = "", **options):
        super().__init__(label=label, **options)
        self.missing = missing

    def questions(self, values: list[str]) -> list[Question]:
        """What must be asked of the database to understand the values: rows of (value, name, key)."""
        return []

    def choose(self, values: list[str], answers: list[Answer]) -> list[Choice]:
        return [self.read(value) for value in values]

    def read(self, text: str) -> Choice:
        raise NotImplementedError

    def condition(self, keys: list) -> Q:
        """The rows that have one of these keys."""
        raise NotImplementedError

    def note(self, choice: Choice) -> str:
        return str(self.missing) % {"value": shown(choice.value)}

    def filter(self, qs: QuerySet, value: list[str]) -> QuerySet:
        choices = self.parent.chosen[self.name]
        if not choices:
            return qs.filter(self.condition(list(self.default))) if self.default else qs
        keys = [choice.key for choice in choices if choice.key is not None]
        return qs.filter(self.condition(keys) if keys else NO_ROW)

    @cached_property
    def name(self) -> str:
        return next(name for name, one in self.parent.filters.items() if one is self)


class FacetFilter(ListFilter):
    """A filter whose values can be counted; those that are `offered` stand beside the list with their numbers."""

    newest_first = False
    labels: dict[str, str] = {}

    def __init__(self, *, offered: bool = True, **options):
        super().__init__(**options)
        self.offered = offered

    def counts(self, rows: QuerySet) -> list[Question]:
        """Rows of (value, name, number); a record with several values counts once under each."""
        raise NotImplementedError

    def tally(self, answers: list[Answer]) -> dict[str, tuple[str, int]]:
        """From what `counts` asked: for each value that any record has its label and number."""
        numbers = ((value, name, int(number or 0)) for value, name, number in answers if value)
        return {value: (self.label_of(value, name), number) for value, name, number in numbers if number}

    def label_of(self, value: str, name: str | None) -> str:
        return str(self.labels.get(value) or name or value)


class ListFilters(django_filters.FilterSet):
    """The parameters of one list. `queryset` holds what the reader may see; `rows()` is what was asked for.

    `exact`: words that nothing has find nothing, and not what is spelled like them.
    """

    exact = False

    @cached_property
    def chosen(self) -> dict[str, list[Choice]]:
        """For each parameter what was asked for, in the order given; all look-ups of names are one statement."""
        _ = self.errors  # reads the form
        values = self.form.cleaned_data
        answers = ask_together({name: one.questions(values[name]) for name, one in self.filters.items()})
        return {name: one.choose(values[name], answers[name]) for name, one in self.filters.items()}

    def rows(self, without: str = "") -> QuerySet:
        """What all filters leave, or all but one: the numbers of a facet do not heed its own selection."""
        rows = self.queryset
        for name, one in self.filters.items():
            if name != without:
                rows = one.filter(rows, self.chosen[name])
        return rows

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return self.rows()

    @property
    def notes(self) -> list[str]:
        """One sentence for each value that names nothing."""
        return [
            self.filters[name].note(choice)
            for name, choices in self.chosen.items()
            for choice in choices
            if choice.key is None
        ]


def count_values(rows: QuerySet, value, name=None, *, repeats: bool = False, most: int | None = None) -> QuerySet:
    """(value, name, number of records) over the rows; `repeats`: a record may have the same value twice."""
    columns = {"facet_value": F(value) if isinstance(value, str) else value}
    columns["facet_name"] = Value(None, output_field=TextField()) if name is None else name
    found = rows.order_by().values(**columns).annotate(facet_count=Count("pk", distinct=repeats))
    if most:
        found = found.order_by("-facet_count", "facet_value")[:most]
    return found.values_list("facet_value", "facet_name", "facet_count")


def printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def shown(text: str) -> str:
    """A value as it was typed, fit for a sentence: without control characters, cut where it is very long."""
    clean = printable(text)
    return clean if len(clean) <= LONGEST_SHOWN else f"{clean[:LONGEST_SHOWN]}…"
