"""What the list of projects can be narrowed by."""

from django.utils.translation import gettext_lazy as _

from centers.filters import center_filter
from members.filters import member_filter
from projects.models.project import Status, status_case
from toolkit.listing import ChoiceFilter, ListFilters, WordsFilter, YearFilter
from vocabularies.filters import country_filter, source_filter, theme_filter

SEARCHED = {"vector": "search", "acronym": "acronym"}


class ProjectFilters(ListFilters):
    q = WordsFilter(searched=_("Titles, acronyms, codes, summaries and keywords"), where=SEARCHED)
    theme = theme_filter()
    country = country_filter("countries__country")
    status = ChoiceFilter(
        Status.choices, status_case(), label=_("Status"), missing=_("Projects have no status “%(value)s”.")
    )
    center = center_filter("centers")
    member = member_filter("participations__institution", label=_("Lead or partner"))
    year = YearFilter("starts_on", "ends_on", label=_("Running in"))
    source = source_filter()
