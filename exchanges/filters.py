"""What the list of exchange offers can be narrowed by."""

from django.db.models import Case, CharField, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from centers.filters import center_filter
from exchanges.models import Offer
from members.filters import member_filter
from toolkit.listing import ChoiceFilter, ListFilters, WordsFilter, YearFilter
from vocabularies.filters import country_filter, source_filter, theme_filter

SEARCHED = {"vector": "search"}

STATUSES = {"open": _("open"), "draft": _("not yet published"), "closed": _("closed")}
# As Offer's own status, but a draft, which its people see in the list, is not called closed.
LISTED_STATUS = Case(
    When(state=Offer.State.DRAFT, then=Value("draft")),
    When(Q(state=Offer.State.OPEN, apply_by__gt=Now()), then=Value("open")),
    default=Value("closed"),
    output_field=CharField(),
)


class OfferFilters(ListFilters):
    q = WordsFilter(searched=_("Titles, descriptions and places"), where=SEARCHED)
    status = ChoiceFilter(
        STATUSES, LISTED_STATUS, label=_("Status"), missing=_("Exchange offers have no status “%(value)s”.")
    )
    kind = ChoiceFilter(
        Offer.Kind.choices, "kind", label=_("Kind"), missing=_("There is no kind of exchange “%(value)s”.")
    )
    country = country_filter("country", many=False)
    theme = theme_filter()
    center = center_filter("center", many=False)
    member = member_filter("institution", many=False, label=_("Host institution"))
    year = YearFilter("starts_on", "ends_on", lasting=False, offered=False, label=_("Taking place in"))
    source = source_filter(offered=False)
