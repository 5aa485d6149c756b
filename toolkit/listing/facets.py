"""The values that a list offers to narrow it by, each with its number of records."""

from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from toolkit.listing.filters import FacetFilter, ListFilters
from toolkit.listing.together import Answer, ask_together, keys_of, number_of
from toolkit.names import fold

SHOWN = 8  # of a facet; the others are folded away


@dataclass
class Option:
    value: str
    label: str
    count: int
    selected: bool = False


@dataclass
class Facet:
    name: str
    label: str
    options: list[Option] = field(default_factory=list)
    more: list[Option] = field(default_factory=list)

    @property
    def all(self) -> list[Option]:
        return [*self.options, *self.more]


class Found(NamedTuple):
    facets: list[Facet]
    total: int
    keys: list


def find(filters: ListFilters, keys: QuerySet, most: int) -> Found:
    """All facets, the number of rows, counted to one more than `most`, and the keys of a page of them: one statement."""
    facets = {name: one for name, one in filters.filters.items() if isinstance(one, FacetFilter) and one.offered}
    questions = {name: one.counts(filters.rows(without=name)) for name, one in facets.items()}
    questions[" total"] = [number_of(filters.rows().values("pk")[: most + 1])]
    questions[" keys"] = [keys_of(keys)]
    answers = ask_together(questions)
    total = sum(int(number or 0) for _value, _name, number in answers.pop(" total"))
    page = [keys.model._meta.pk.to_python(key) for key, _name, _number in answers.pop(" keys")]
    counted = [_facet(facets[name], name, rows) for name, rows in answers.items()]
    return Found([facet for facet in counted if facet.options], total, page)


def _facet(one: FacetFilter, name: str, rows: list[Answer]) -> Facet:
    options = {value: Option(value, label, count) for value, (label, count) in one.tally(rows).items()}
    chosen = [choice for choice in one.parent.chosen[name] if choice.key is not None]
    for choice in chosen:  # kept and marked where nothing has it
        options.setdefault(choice.value, Option(choice.value, choice.label, 0)).selected = True
    if not one.parent.chosen[name]:
        for value in one.default:
            options.setdefault(value, Option(value, one.label_of(value, None), 0)).selected = True
    if one.newest_first:
        found = sorted(options.values(), key=lambda option: option.value, reverse=True)
    else:
        found = sorted(options.values(), key=lambda option: (-option.count, fold(option.label)))
    facet = Facet(name, str(one.label))
    for number, option in enumerate(found):
        (facet.options if number < SHOWN or option.selected else facet.more).append(option)
    return facet
