"""The page of a center."""

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, visible
from centers.models import Center, CenterInstitution, CourseSession
from toolkit.clock import Today
from toolkit.rows import first_rows

PROJECTS_SHOWN = 10
OFFERS_SHOWN = 5
SESSIONS_SHOWN = 10


@require_safe
def center_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    is_closed = ExpressionWrapper(Q(closed_on__lte=Today()), output_field=BooleanField())
    rows = Center.objects.select_related("source").annotate(is_closed=is_closed)
    center = get_visible_or_404(rows.defer("search", "text_folded", "names_folded"), user, slug=slug)
    sites = list(center.sites.visible_to(user))
    parts = list(
        center.participations.visible_to(user)
        .select_related("institution")
        .only("center", "role", "name_as_given", "institution__name", "institution__slug", "institution__country")
    )
    projects, project_total = first_rows(center.projects.visible_to(user).for_rows().newest_first(), PROJECTS_SHOWN)
    offers, offer_total = first_rows(
        center.offers.visible_to(user).open().for_rows().order_by("apply_by"), OFFERS_SHOWN
    )
    sessions = (
        CourseSession.objects.visible_to(user).filter(course__center=center).to_come().for_rows()[:SESSIONS_SHOWN]
    )
    context = {
        "center": center,
        "names": [(language, name) for language, name in sorted(center.translations.items()) if isinstance(name, str)],
        "sites": sites,
        "sites_by_country": (grouped := by_country(sites)),
        "countries": list(grouped),
        "hosts": [part for part in parts if part.role == CenterInstitution.Role.HOST],
        "leads": [part for part in parts if part.role == CenterInstitution.Role.LEAD],
        "facilities": list(center.facilities.visible_to(user)),
        "sessions": sessions,
        "themes": visible(center.themes.all(), user),
        "projects": projects,
        "project_total": project_total,
        "offers": offers,
        "offer_total": offer_total,
        "topic": f"center:{center.pk}",
        "topic_label": center.acronym or _("this center"),
        "data": json_ld(center, sites, parts),
    }
    return render(request, "centers/center_detail.html", context)


def by_country(sites) -> dict[str, list]:
    """In the order of the sites, so the country of the seat comes first."""
    grouped: dict[str, list] = {}
    for site in sites:
        grouped.setdefault(site.country_id, []).append(site)
    return grouped


def json_ld(center: Center, sites, parts) -> dict:
    base = settings.PORTAL_BASE_URL
    precise = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}.get(center.established_precision)
    return {
        "@type": "ResearchOrganization",
        "@id": f"{base}{center.get_absolute_url()}",
        "name": center.name,
        "alternateName": [center.acronym, *map(str, center.translations.values())],
        "description": center.summary,
        "url": center.website,
        "foundingDate": center.established_on.strftime(precise) if center.established_on and precise else "",
        "location": [
            {
                "@type": "Place",
                "name": site.name,
                "address": {"@type": "PostalAddress", "addressLocality": site.city, "addressCountry": site.country_id},
            }
            for site in sites
        ],
        "parentOrganization": [
            {
                "@type": "ResearchOrganization",
                "name": part.name_as_given,
                "@id": f"{base}{part.institution.get_absolute_url()}" if part.institution else "",
            }
            for part in parts
        ],
    }
