"""What the list of calls can be narrowed by."""

from django.utils.translation import gettext_lazy as _

from proposals.models import Call
from proposals.models.call import status_case
from toolkit.listing import ChoiceFilter, ListFilters, WordsFilter, YearFilter
from vocabularies.filters import source_filter, theme_filter

SEARCHED = {"vector": "search"}
STATUSES = {
    "open": _("open"),
    "upcoming": _("upcoming"),
    "draft": _("not yet published"),
    "closed": _("closed"),
    "decided": _("decided"),
}


class CallFilters(ListFilters):
    q = WordsFilter(searched=_("Titles, codes and texts"), where=SEARCHED)
    status = ChoiceFilter(STATUSES, status_case(), label=_("Status"), missing=_("Calls have no status “%(value)s”."))
    kind = ChoiceFilter(Call.Kind.choices, "kind", label=_("Kind"), missing=_("There is no kind of call “%(value)s”."))
    theme = theme_filter()
    year = YearFilter("opens_at", "closes_at", lasting=False, offered=False, label=_("Open in"))
    source = source_filter(offered=False)
