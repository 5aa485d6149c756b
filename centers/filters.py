"""What the list of centers can be narrowed by."""

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext_lazy as _

from centers.models import Center
from members.filters import member_filter
from toolkit.clock import Today
from toolkit.listing import ChoiceFilter, ListFilters, ReferenceFilter, WordsFilter
from vocabularies.filters import country_filter, source_filter, theme_filter

SEARCHED = {"vector": "search", "acronym": "acronym"}

STATUSES = {"active": _("active"), "closed": _("closed")}
STATUS = Case(When(closed_on__lte=Today(), then=Value("closed")), default=Value("active"), output_field=CharField())


class CenterFilters(ListFilters):
    q = WordsFilter(searched=_("Names, acronyms, fields, summaries and key dates"), where=SEARCHED)
    country = country_filter("sites__country", repeats=True)
    theme = theme_filter()
    member = member_filter("participations__institution", repeats=True, label=_("Host or lead institute"))
    status = ChoiceFilter(
        STATUSES, STATUS, default=("active",), label=_("Status"), missing=_("Centers have no status “%(value)s”.")
    )
    source = source_filter(offered=False)


def center_filter(path: str, **options) -> ReferenceFilter:
    """For the lists of the apps above."""
    return ReferenceFilter(
        path,
        lambda request: Center.objects.visible_to(request.user),
        label=_("Center"),
        missing=_("There is no center “%(value)s”."),
        **options,
    )
