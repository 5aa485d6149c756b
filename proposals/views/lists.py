"""The list of calls: open ones first, those that close soonest at the top, then those to come, then the past."""

from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from proposals.filters import STATUSES, CallFilters
from proposals.models import Call
from proposals.models.call import CallQuerySet, status_case
from toolkit.dates import format_date
from toolkit.listing import Columns, Listing, Sort
from toolkit.templatetags.records import closes_in
from vocabularies.models import Theme

SOON = 14  # days before the deadline

GROUPS = Case(*(When(listed_status=status, then=Value(place)) for place, status in enumerate(STATUSES)))
SORTS = {
    "deadline": Sort(
        gettext_lazy("deadline"),
        (
            Case(When(Q(listed_status__in=["open", "upcoming"]), then=F("closes_at"))),
            F("closes_at").desc(nulls_last=True),
        ),
    ),
    "start": Sort(gettext_lazy("opens first"), (F("opens_at").asc(nulls_last=True), "sort_key")),
    "-start": Sort(gettext_lazy("opens last"), (F("opens_at").desc(nulls_last=True), "sort_key")),
    "name": Sort(gettext_lazy("title"), ("sort_key",)),
}
COLUMNS: Columns = {
    "slug": "slug",
    "code": "code",
    "title": "title",
    "kind": "kind",
    "status": "listed_status",
    "opens": "opens_at",
    "closes": "closes_at",
    "zone": "zone",
    "currency": "currency",
    "budget": "budget",
    "most_per_proposal": "most_per_proposal",
    "themes": "theme_slugs",
    "programme": lambda row: row.programme.name if row.programme else "",
    "summary": "summary",
    "illustrative": "illustrative",
    "source": lambda row: row.source.name if row.source else "",
}


@require_safe
def call_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        CallFilters,
        Call.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
        first=(GROUPS,),
    )
    if listing.format:
        return listing.export()
    found = rows(listing.page)
    return render(request, "proposals/call_list.html", {"listing": listing, "rows": found, "groups": groups(found)})


def for_page(found: CallQuerySet, filters: CallFilters) -> QuerySet:
    return found.for_rows().annotate(listed_status=status_case()).defer("source_urls")


def for_file(found: CallQuerySet, filters: CallFilters) -> QuerySet:
    themes = Theme.objects.filter(calls=OuterRef("pk")).order_by("slug")
    return (
        found.for_rows()
        .select_related("programme", "source")
        .annotate(listed_status=status_case(), theme_slugs=ArraySubquery(themes.values("slug")))
    )


def groups(found: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    headings = {
        "open": _("Open"),
        "upcoming": _("To come"),
        "draft": _("Not yet published"),
        "closed": _("Closed, being decided"),
        "decided": _("Decided"),
    }
    return [(headings[status], list(some)) for status, some in groupby(found, lambda row: row["status"])]


def rows(page) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    kinds, illustrative = dict(Call.Kind.choices), _("illustrative")
    return [
        {
            "url": row.get_absolute_url(),
            "title": row.title,
            "summary": row.summary,
            "status": row.listed_status,
            "chip": closes_in(row.closes_in) if row.listed_status == "open" else str(STATUSES[row.listed_status]),
            "chip_kind": chip_kind(row),
            "kind": kinds[row.kind],
            "deadline": deadline(row),
            "most": most(row),
            "illustrative": illustrative if row.illustrative else "",
        }
        for row in page or ()
    ]


def chip_kind(row) -> str:
    if row.listed_status != "open":
        return ""
    return "warn" if row.closes_in.days < SOON else "good"


def deadline(row) -> str:
    if row.closes_at is None:
        return ""
    if row.listed_status == "upcoming":
        return _("opens %(date)s") % {"date": format_date(row.opens_at.date())}
    told = row.closes_there
    return _("%(date)s, %(time)s %(zone)s") % {
        "date": format_date(told.date()),
        "time": f"{told:%H:%M}",
        "zone": row.zone_shown,
    }


def most(row) -> str:
    if row.most_per_proposal is None:
        return ""
    return _("up to %(amount)s") % {
        "amount": f"{row.currency} {formats.number_format(row.most_per_proposal, 0, use_l10n=True, force_grouping=True)}"
    }
