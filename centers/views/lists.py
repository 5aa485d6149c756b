"""The list of centers: the active ones unless others are asked for."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from centers.filters import STATUS, CenterFilters
from centers.models import Center, CenterInstitution, CenterQuerySet
from toolkit.dates import Precision, format_date
from toolkit.listing import Columns, Listing, Sort
from vocabularies.countries import country_names
from vocabularies.models import Theme

SORTS = {
    "name": Sort(gettext_lazy("name"), ("sort_key",)),
    "-established": Sort(gettext_lazy("newest first"), (F("established_on").desc(nulls_last=True), "sort_key")),
    "established": Sort(gettext_lazy("oldest first"), (F("established_on").asc(nulls_last=True), "sort_key")),
}
COLUMNS: Columns = {
    "slug": "slug",
    "name": "name",
    "acronym": "acronym",
    "status": "status",
    "countries": "countries",
    "hosts": "hosts",
    "lead_institutes": "leads",
    "fields": "fields",
    "themes": "theme_slugs",
    "established": lambda row: row.established_on if row.established_precision != Precision.UNKNOWN else None,
    "established_precision": "established_precision",
    "closed": "closed_on",
    "website": "website",
    "summary": "summary",
    "source": lambda row: row.source.name if row.source else "",
}


@require_safe
def center_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        CenterFilters,
        Center.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
    )
    if listing.format:
        return listing.export()
    return render(request, "centers/center_list.html", {"listing": listing, "rows": rows(listing.page)})


def for_page(found: CenterQuerySet, filters: CenterFilters) -> QuerySet:
    return found.for_rows().annotate(status=STATUS, hosts=names_of(CenterInstitution.Role.HOST))


def for_file(found: CenterQuerySet, filters: CenterFilters) -> QuerySet:
    themes = Theme.objects.filter(centers=OuterRef("pk")).order_by("slug")
    return (
        for_page(found, filters)
        .annotate(leads=names_of(CenterInstitution.Role.LEAD), theme_slugs=ArraySubquery(themes.values("slug")))
        .select_related("source")
    )


def names_of(role: str) -> ArraySubquery:
    parts = CenterInstitution.objects.filter(center=OuterRef("pk"), role=role).order_by("pk")
    return ArraySubquery(parts.values("name_as_given"))


def rows(page) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    countries, closed, since = country_names(), _("closed"), _("since %(date)s")
    return [
        {
            "url": row.get_absolute_url(),
            "name": row.name,
            "acronym": row.acronym,
            "countries": ", ".join(countries[code] for code in row.countries),
            "hosts": row.hosts,
            "fields": ", ".join(row.fields),
            "since": since % {"date": format_date(row.established_on, row.established_precision)}
            if row.established_on and row.established_precision != Precision.UNKNOWN
            else "",
            "closed": closed if row.status == "closed" else "",
        }
        for row in page or ()
    ]
