"""The list of institutions: members unless another standing is asked for."""

from typing import Any

from django import forms
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from members.filters import InstitutionFilters, status_of
from members.models import Institution, Membership
from members.models.institution import InstitutionQuerySet
from toolkit.dates import Precision, format_date
from toolkit.listing import Columns, Listing, Sort
from vocabularies.countries import country_name, country_names

SORTS = {
    "name": Sort(gettext_lazy("name"), ("sort_key",)),
    "-since": Sort(gettext_lazy("newest first"), (F("standing_since").desc(nulls_last=True), "sort_key")),
    "since": Sort(gettext_lazy("longest first"), (F("standing_since").asc(nulls_last=True), "sort_key")),
}
COLUMNS: Columns = {
    "slug": "slug",
    "name": "name",
    "acronym": "acronym",
    "kind": "kind",
    "scope": "scope",
    "status": lambda row: status_of(row.standing),
    "since": lambda row: row.standing_since if row.standing_precision != Precision.UNKNOWN else None,
    "since_precision": lambda row: row.standing_precision or "",
    "record_status": "record_status",
    "country": lambda row: row.country_id or "",
    "country_name": lambda row: country_name(row.country_id or ""),
    "city": "city",
    "latitude": "latitude",
    "longitude": "longitude",
    "ror": lambda row: row.ror_url,
    "website": "website",
    "established": "established",
    "source": lambda row: row.source.name if row.source else "",
}


class DayForm(forms.Form):
    as_of = forms.DateField(
        label=gettext_lazy("As it was on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


@require_safe
def institution_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        InstitutionFilters,
        Institution.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
    )
    if listing.format:
        return listing.export()
    day = listing.filters.filters["as_of"].day
    context = {
        "listing": listing,
        "rows": rows(listing.page, f"?as_of={day.isoformat()}" if day else ""),
        "day": format_date(day) if day else "",
        "extra": DayForm(initial={"as_of": day}),
    }
    return render(request, "members/institution_list.html", context)


def for_page(found: InstitutionQuerySet, filters: InstitutionFilters) -> QuerySet:
    shown = ("slug", "name", "acronym", "kind", "record_status", "city", "country_id")
    return found.with_standing(filters.filters["as_of"].day).only(*shown)


def for_file(found: InstitutionQuerySet, filters: InstitutionFilters) -> QuerySet:
    found = found.with_standing(filters.filters["as_of"].day).select_related("source")
    return found.defer("names_folded", "description", "ror_types")


def rows(page, kept: str) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    countries, kinds = country_names(), dict(Institution.Kind.choices)
    standings, partner, inactive = dict(Membership.Standing.choices), _("partner"), _("no longer active")
    since, not_known = _("since %(date)s"), _("since when is not known")

    def begun(row) -> str:
        if row.standing is None:
            return ""
        if row.standing_precision == Precision.UNKNOWN:
            return not_known
        return since % {"date": format_date(row.standing_since, row.standing_precision)}

    return [
        {
            "url": row.get_absolute_url() + kept,
            "name": row.name,
            "acronym": row.acronym,
            "kind": kinds[row.kind],
            "city": row.city,
            "country": countries.get(row.country_id, ""),
            "standing": standings.get(row.standing, partner),
            "is_member": row.standing == Membership.Standing.MEMBER,
            "since": begun(row),
            "inactive": inactive if row.record_status != Institution.RecordStatus.ACTIVE else "",
        }
        for row in page or ()
    ]
