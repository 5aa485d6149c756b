"""The list of exchange offers: the open ones first, those that close soonest at the top, and the closed ones below."""

from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from exchanges.filters import LISTED_STATUS, STATUSES, OfferFilters
from exchanges.models import Offer, OfferQuerySet
from toolkit.dates import Precision, format_date, format_period
from toolkit.listing import Columns, Listing, Sort
from toolkit.templatetags.records import closes_in
from vocabularies.countries import country_names
from vocabularies.models import Country, Theme

SOON = 14  # days before the deadline

GROUPS = Case(*(When(listed_status=status, then=Value(place)) for place, status in enumerate(STATUSES)))
SORTS = {
    "deadline": Sort(
        gettext_lazy("deadline"),
        (Case(When(Q(listed_status="open"), then=F("apply_by"))), F("apply_by").desc(nulls_last=True)),
    ),
    "start": Sort(gettext_lazy("begins first"), (F("starts_on").asc(nulls_last=True), "sort_key")),
    "-start": Sort(gettext_lazy("begins last"), (F("starts_on").desc(nulls_last=True), "sort_key")),
    "name": Sort(gettext_lazy("title"), ("sort_key",)),
}
COLUMNS: Columns = {
    "slug": "slug",
    "title": "title",
    "kind": "kind",
    "status": "listed_status",
    "institution": lambda row: row.institution.name if row.institution else "",
    "center": lambda row: row.center.name if row.center else "",
    "country": "country_id",
    "city": "city",
    "places": "places",
    "start": "starts_on",
    "end": "ends_on",
    "apply_by": "apply_by",
    "apply_by_zone": "apply_by_zone",
    "open_to": "open_to_codes",
    "themes": "theme_slugs",
    "programme": lambda row: row.programme.name if row.programme else "",
    "description": "description",
    "paid": "paid",
    "illustrative": "illustrative",
    "source": lambda row: row.source.name if row.source else "",
}


@require_safe
def offer_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        OfferFilters,
        Offer.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
        first=(GROUPS,),
    )
    if listing.format:
        return listing.export()
    found = rows(listing.page)
    context = {"listing": listing, "rows": found, "groups": groups(found)}
    return render(request, "exchanges/offer_list.html", context)


def for_page(found: OfferQuerySet, filters: OfferFilters) -> QuerySet:
    return found.for_rows().annotate(listed_status=LISTED_STATUS).defer("description", "paid", "source_urls")


def for_file(found: OfferQuerySet, filters: OfferFilters) -> QuerySet:
    countries = Country.objects.filter(open_offers=OuterRef("pk")).order_by("code")
    themes = Theme.objects.filter(offers=OuterRef("pk")).order_by("slug")
    return (
        found.for_rows()
        .select_related("institution", "center", "programme", "source")
        .annotate(
            listed_status=LISTED_STATUS,
            open_to_codes=ArraySubquery(countries.values("code")),
            theme_slugs=ArraySubquery(themes.values("slug")),
        )
    )


def groups(found: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(heading, rows): open, not yet published, closed."""
    headings = {"open": _("Open"), "draft": _("Not yet published"), "closed": _("Closed")}
    return [(headings[status], list(members)) for status, members in groupby(found, lambda row: row["status"])]


def rows(page) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    countries, kinds = country_names(), dict(Offer.Kind.choices)
    statuses, illustrative = {key: str(label) for key, label in STATUSES.items()}, _("illustrative")
    apply_by, deadline = _("apply by %(date)s"), _("deadline %(date)s")
    return [
        {
            "url": row.get_absolute_url(),
            "title": row.title,
            "status": row.listed_status,
            "chip": closes_in(row.closes_in) if row.listed_status == "open" else statuses[row.listed_status],
            "chip_kind": chip_kind(row),
            "kind": kinds[row.kind],
            "host": row.host.name,
            "city": row.city,
            "country": countries.get(row.country_id, row.country_id),
            "places": places(row.places),
            "period": format_period(row.starts_on, Precision.DAY, row.ends_on or row.starts_on, Precision.DAY)
            if row.starts_on
            else "",
            "deadline": (deadline if row.listed_status == "closed" else apply_by)
            % {"date": format_date(timezone.localtime(row.apply_by).date())}
            if row.apply_by
            else "",
            "illustrative": illustrative if row.illustrative else "",
        }
        for row in page or ()
    ]


def chip_kind(row) -> str:
    if row.listed_status != "open":
        return ""
    return "warn" if row.closes_in.days < SOON else "good"


def places(number: int | None) -> str:
    return ngettext("%(number)d place", "%(number)d places", number) % {"number": number} if number else ""
