"""The list of projects: all of them unless narrowed."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from centers.models import Center
from projects.filters import ProjectFilters
from projects.models import Participation, Project, ProjectCountry
from projects.models.project import ProjectQuerySet, Status
from toolkit.dates import Precision, format_period
from toolkit.listing import Columns, Listing, Sort
from vocabularies.countries import country_names
from vocabularies.models import Theme

EXCERPT = 220  # characters of the summary
COUNTRIES_SHOWN = 6
CHIPS = {Status.ACTIVE: "good", Status.SUSPENDED: "warn"}

SORTS = {
    "-start": Sort(gettext_lazy("newest first"), (F("starts_on").desc(nulls_last=True), "-pk")),
    "start": Sort(gettext_lazy("oldest first"), (F("starts_on").asc(nulls_last=True),)),
    "name": Sort(gettext_lazy("title"), ("sort_key",)),
}
COLUMNS: Columns = {
    "slug": "slug",
    "code": lambda row: row.code or "",
    "acronym": "acronym",
    "title": "title",
    "status": "status",
    "start": lambda row: row.starts_on if row.starts_precision != Precision.UNKNOWN else None,
    "start_precision": "starts_precision",
    "end": lambda row: row.ends_on if row.ends_precision != Precision.UNKNOWN else None,
    "end_precision": "ends_precision",
    "lead": lambda row: row.lead or "",
    "partners": "partners",
    "countries": "country_codes",
    "themes": "theme_slugs",
    "centers": "center_slugs",
    "keywords": "keywords",
    "budget": "amount",
    "currency": "currency",
    "funder": "funder",
    "funding_programme": "funding_programme",
    "website": "website",
    "summary": "summary",
    "illustrative": "illustrative",
    "source": lambda row: row.source.name if row.source else "",
}


@require_safe
def project_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        ProjectFilters,
        Project.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
    )
    if listing.format:
        return listing.export()
    return render(request, "projects/project_list.html", {"listing": listing, "rows": rows(listing.page)})


def for_page(found: ProjectQuerySet, filters: ProjectFilters) -> QuerySet:
    partners = Participation.objects.filter(project=OuterRef("pk"), role=Participation.Role.PARTNER)
    names = partners.order_by("position", "pk").values(shown=Coalesce("institution__name", "name_as_given"))
    counted = partners.order_by().values("project").annotate(number=Count("pk")).values("number")
    return (
        found.for_rows()
        .select_related("source")
        .annotate(
            first_partner=Subquery(names[:1]),
            partner_count=Coalesce(Subquery(counted), 0),
            country_codes=ArraySubquery(ProjectCountry.objects.filter(project=OuterRef("pk")).values("country")),
            excerpt=Left("summary", EXCERPT),
        )
        .defer("summary", "keywords", "source_urls", "source__note")
    )


def for_file(found: ProjectQuerySet, filters: ProjectFilters) -> QuerySet:
    partners = Participation.objects.filter(project=OuterRef("pk"), role=Participation.Role.PARTNER)
    return (
        found.for_rows()
        .select_related("source")
        .annotate(
            partners=ArraySubquery(partners.order_by("position", "pk").values("name_as_given")),
            country_codes=ArraySubquery(
                ProjectCountry.objects.filter(project=OuterRef("pk")).order_by("country").values("country")
            ),
            theme_slugs=ArraySubquery(Theme.objects.filter(projects=OuterRef("pk")).order_by("slug").values("slug")),
            center_slugs=ArraySubquery(Center.objects.filter(projects=OuterRef("pk")).order_by("slug").values("slug")),
        )
    )


def rows(page) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    countries, statuses = country_names(), dict(Status.choices)
    illustrative, draft, from_source = _("illustrative"), _("not yet published"), _("from %(source)s")
    return [
        {
            "url": row.get_absolute_url(),
            "title": row.title,
            "language": row.language,
            "acronym": row.acronym,
            "status": statuses[row.status],
            "chip": CHIPS.get(row.status, ""),
            "draft": "" if row.published_at else draft,
            "period": format_period(row.starts_on, row.starts_precision, row.ends_on, row.ends_precision)
            if row.starts_on or row.ends_on
            else "",
            "led_by": led_by(row.lead, row.first_partner, row.partner_count),
            "countries": place(sorted(countries.get(code, code) for code in row.country_codes)),
            "excerpt": excerpt(row.excerpt),
            "illustrative": illustrative if row.illustrative else "",
            "source": from_source % {"source": row.source.name} if row.source and not row.of_alliance else "",
        }
        for row in page or ()
    ]


def led_by(lead: str | None, partner: str | None, partner_count: int) -> SafeString:
    """ "Led by CAS with Quaid-i-Azam University and 3 more"."""
    if not lead and not partner:
        return SafeString("")
    others = partner_count - 1
    if not lead:
        sentence = ngettext("With {partner} and {others} more", "With {partner} and {others} more", others)
        sentence = sentence if others else _("With {partner}")
    elif not partner:
        sentence = _("Led by {lead}")
    elif others:
        sentence = ngettext(
            "Led by {lead} with {partner} and {others} more", "Led by {lead} with {partner} and {others} more", others
        )
    else:
        sentence = _("Led by {lead} with {partner}")
    names = {"lead": format_html("<bdi>{}</bdi>", lead or ""), "partner": format_html("<bdi>{}</bdi>", partner or "")}
    return format_html(sentence, others=others, **names)


def place(names: list[str]) -> str:
    """The first countries of many, and how many more there are."""
    if len(names) <= COUNTRIES_SHOWN + 1:
        return ", ".join(names)
    more = len(names) - COUNTRIES_SHOWN
    shown = ", ".join(names[:COUNTRIES_SHOWN])
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {"names": shown, "more": more}


def excerpt(text: str) -> str:
    """The beginning of a longer text ends with a whole word."""
    return text if len(text) < EXCERPT else f"{text.rsplit(maxsplit=1)[0]}…"
