"""What to tell a reader who found nothing: why, and the one step that finds most."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from toolkit.listing.filters import Choice
from toolkit.listing.links import Link, counted
from toolkit.listing.parameters import DayFilter
from toolkit.listing.together import ask_together, number_of

if TYPE_CHECKING:
    from toolkit.listing.pages import Listing


def why_empty(listing: "Listing") -> str:
    if listing.notes:
        return ""  # they say it
    if listing.chips:
        return _("Nothing here has all of this: %(filters)s.") % {
            "filters": "; ".join(chip.label for chip in listing.chips)
        }
    return _("There is nothing here yet.")


def way_out(listing: "Listing", most: int) -> Link | None:
    """Without the filter that cuts most, or with another status; where no single step finds a row, without any filter."""
    if days := [name for name, one in listing.filters.filters.items() if isinstance(one, DayFilter) and one.day]:
        return Link(_("Show it as it is today"), listing.url_with({name: [] for name in days}))
    steps = [*_other_values(listing), *_without_one(listing, most)]
    if found := [(number, link) for number, link in steps if number]:
        return max(found, key=lambda step: step[0])[1]
    return Link(_("Clear all"), listing.request.path) if listing.chips or listing.notes else None


def _without_one(listing: "Listing", most: int) -> list[tuple[int, Link]]:
    chosen = {
        name: choices
        for name, choices in listing.filters.chosen.items()
        if choices and not listing.filters.filters[name].default
    }
    answers = ask_together(
        {name: [number_of(listing.filters.rows(without=name).values("pk")[: most + 1])] for name in chosen}
    )
    steps = []
    for name, choices in chosen.items():
        number = sum(int(one or 0) for _value, _name, one in answers[name])
        filters = f"{listing.filters.filters[name].label}: {', '.join(choice.label for choice in choices)}"
        label = _("Without %(filter)s (%(number)s)") % {"filter": filters, "number": counted(number, most)}
        steps.append((number, Link(label, listing.url_with({name: []}))))
    return steps


def _other_values(listing: "Listing") -> list[tuple[int, Link]]:
    """A filter with a default cannot be left out, but another of its values may have rows."""
    steps = []
    for facet in listing.facets:
        if listing.filters.filters[facet.name].default and facet.all:
            best = max(facet.all, key=lambda option: option.count)
            choice = Choice(best.value, best.label, best.value)
            label = _("With %(filter)s (%(number)s)") % {
                "filter": f"{facet.label}: {best.label}",
                "number": best.count,
            }
            steps.append((best.count, Link(label, listing.url_with({facet.name: [choice]}))))
    return steps
