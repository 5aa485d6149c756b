"""Care of the registry: what its records lack, members first."""

from collections import defaultdict
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.filters import QualityFilters, status_of
from members.models import Institution, InstitutionName, InstitutionRole, Membership
from members.models.membership import MEMBER_STANDINGS
from members.models.quality import GAPS, lacks_confirmation, latest_confirmation
from members.permissions import SPEAKERS
from toolkit.listing import Columns, Listing, Sort
from vocabularies.countries import country_name, country_names

SORTS = {"name": Sort(gettext_lazy("name"), ("sort_key",))}
COLUMNS: Columns = {
    "slug": "slug",
    "name": "name",
    "country": lambda row: row.country_id or "",
    "country_name": lambda row: country_name(row.country_id or ""),
    "status": lambda row: status_of(row.standing),
    "ror": lambda row: row.ror_url,
    "city": "city",
    "latitude": "latitude",
    "longitude": "longitude",
    "website": "website",
    "has_focal_point": "has_focal_point",
    "confirmed": "confirmed_at",
    "looks_like_another": "looks_like_another",
}
SHOWN = ("slug", "name", "acronym", "city", "country_id", "latitude", "ror", "website_key")


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def registry(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        QualityFilters,
        Institution.objects.visible_to(request.user).active(),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
        first=(members_first(),),
    )
    if listing.format:
        return listing.export()
    return render(request, "members/registry.html", {"listing": listing, "rows": rows(listing.page)})


def members_first() -> Case:
    members = Membership.objects.in_force().filter(standing__in=MEMBER_STANDINGS)
    return Case(When(pk__in=members.values("institution"), then=Value(0)), default=Value(1))


def with_people(found: QuerySet) -> QuerySet:
    roles = InstitutionRole.objects.current().filter(role__in=SPEAKERS, institution=OuterRef("pk"))
    return found.with_standing().annotate(has_focal_point=Exists(roles), confirmed_at=latest_confirmation())


def for_page(found: QuerySet, filters: QualityFilters) -> QuerySet:
    lacks = Case(When(lacks_confirmation(), then=Value(True)), default=Value(False))
    return with_people(found).annotate(lacks_confirmation=lacks).only(*SHOWN)


def for_file(found: QuerySet, filters: QualityFilters) -> QuerySet:
    alike = Case(When(filters.filters["gap"].lacking("double"), then=Value(True)), default=Value(False))
    return with_people(found).annotate(looks_like_another=alike).only(*SHOWN, "longitude", "website")


def rows(page) -> list[dict[str, Any]]:
    """Each with what it lacks, in words, and where that is mended."""
    found = list(page or ())
    alike, same_site = look_alikes(found), same_websites(found)
    countries, standings = country_names(), dict(Membership.Standing.choices)
    partner = _("partner")
    return [
        {
            "url": row.get_absolute_url(),
            "name": row.name,
            "acronym": row.acronym,
            "country": countries.get(row.country_id, ""),
            "city": row.city,
            "standing": standings.get(row.standing, partner),
            "is_member": row.standing in MEMBER_STANDINGS,
            "gaps": gaps(row),
            "confirmed_at": row.confirmed_at,
            "others": pairs(row, alike.get(row.pk, {}), _("looks like"))
            + pairs(row, same_site.get(row.pk, {}), _("has the website of")),
            "mend_url": reverse("admin:members_institution_change", args=[row.pk]),
        }
        for row in found
    ]


def gaps(row) -> list[str]:
    lacking = {
        "focal-point": not row.has_focal_point,
        "confirmation": row.lacks_confirmation,
        "place": not row.city or row.latitude is None,
        "ror": row.ror is None,
    }
    return [str(GAPS[name]) for name, lacks in lacking.items() if lacks]


def pairs(row, others: dict[str, str], words: str) -> list[dict[str, str]]:
    merge = reverse("members:merge_new")
    return [
        {"words": words, "name": name, "url": f"/members/{slug}/", "merge": f"{merge}?kept={row.slug}&gone={slug}"}
        for slug, name in sorted(others.items())[:3]
    ]


def look_alikes(found: list[Institution]) -> dict[int, dict[str, str]]:
    """For each institution those that look like it, as {address: name}: one statement for the page."""
    own = InstitutionName.objects.filter(institution__in=found).exclude(skeleton="").order_by().values("skeleton")
    names = InstitutionName.objects.filter(skeleton__in=own).exclude(skeleton="").select_related("institution")
    groups: dict[str, dict[int, Institution]] = defaultdict(dict)
    for name in names.only("skeleton", "institution__name", "institution__slug"):
        groups[name.skeleton][name.institution_id] = name.institution
    return _others(found, groups.values())


def same_websites(found: list[Institution]) -> dict[int, dict[str, str]]:
    groups: dict[str, dict[int, Institution]] = defaultdict(dict)
    keys = [row.website_key for row in found if row.website_key]
    for other in Institution.objects.filter(website_key__in=keys).only("name", "slug", "website_key"):
        groups[other.website_key][other.pk] = other
    return _others(found, groups.values())


def _others(found: list[Institution], groups) -> dict[int, dict[str, str]]:
    others: dict[int, dict[str, str]] = defaultdict(dict)
    shown = {row.pk for row in found}
    for group in groups:
        for key in shown & group.keys():
            others[key] |= {other.slug: other.name for number, other in group.items() if number != key}
    return others
