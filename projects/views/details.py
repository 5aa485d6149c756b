"""The page of a project."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, visible
from accounts.permissions import is_secretariat
from members.permissions import acting_for
from projects.models import Grant, Participation, Project
from projects.models.project import Status
from projects.models.related import related_projects
from vocabularies.countries import country_name

RELATED_SHOWN = 5
REPORTS_SHOWN = 20


@require_safe
def project_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    rows = Project.objects.with_status().select_related("source").defer("search", "text_folded", "names_folded")
    project = get_visible_or_404(rows, user, slug=slug)
    parts = list(
        project.participations.visible_to(user)
        .select_related("institution")
        .only("project", "role", "name_as_given", "country", "institution__name", "institution__slug")
    )
    themes = list(visible(project.themes.all(), user))
    centers = list(project.centers.visible_to(user).only("name", "slug"))
    countries = sorted(project.countries.values_list("country", flat=True), key=country_name)
    related = related_projects(
        project,
        user,
        centers=[center.pk for center in centers],
        institutions=[part.institution_id for part in parts if part.institution_id],
        themes=[theme.pk for theme in themes],
        countries=countries,
    )[:RELATED_SHOWN]
    for other in related:
        other.reasons = reasons(other)
    own = set(acting_for(user).values_list("institution", flat=True)) if user.is_authenticated else set()
    office = is_secretariat(user)
    lead = next((part for part in parts if part.role == Participation.Role.LEAD), None)
    context = {
        "project": project,
        "status": Status(project.status).label,
        "texts": other_languages(project),
        "parts": parts,
        "lead": lead,
        "partner_count": len(parts) - bool(lead),
        "sites": project.sites.visible_to(user),
        "countries": countries,
        "themes": themes,
        "sdgs": visible(project.sdgs.all(), user),
        "centers": centers,
        "outputs": project.outputs.visible_to(user),
        "related": related,
        "reports": project.reports.filter(state="accepted").exclude(public_text="")[:REPORTS_SHOWN],
        "sees_grant": office or (bool(own) and Grant.objects.visible_to(user).filter(project=project).exists()),
        "is_inside": office or not own.isdisjoint(part.institution_id for part in parts),
        "topic": f"project:{project.pk}" if project.published_at else "",
        "topic_label": project.acronym or _("this project"),
        "data": json_ld(project, parts),
    }
    return render(request, "projects/project_detail.html", context)


def other_languages(project: Project) -> list[tuple[str, str, str]]:
    """(language, title, summary) of what is written in other languages."""
    return [
        (language, str(text.get("title", "")), str(text.get("summary", "")))
        for language, text in sorted(project.translations.items())
        if isinstance(text, dict)
    ]


def reasons(project: Project) -> list[str]:
    """Why it is shown beside another one."""
    found = [_("also at %(center)s") % {"center": center} for center in project.shared_centers]
    if project.shared_partners:
        count = len(project.shared_partners)
        found.append(
            ngettext("with %(name)s too", "%(count)d of the same partners", count)
            % {"count": count, "name": project.shared_partners[0]}
        )
    if project.shared_themes and project.shared_countries:
        place = ", ".join(country_name(code) for code in project.shared_countries[:3])
        found.append(_("%(theme)s in %(place)s") % {"theme": project.shared_themes[0], "place": place})
    return found


def json_ld(project: Project, parts) -> dict:
    base = settings.PORTAL_BASE_URL
    return {
        "@type": "ResearchProject",
        "@id": f"{base}{project.get_absolute_url()}",
        "name": project.title,
        "alternateName": project.acronym,
        "identifier": project.code,
        "description": project.summary,
        "keywords": project.keywords,
        "url": project.website,
        "funder": {"@type": "Organization", "name": project.funder} if project.funder else None,
        "member": [
            {
                "@type": "ResearchOrganization",
                "name": part.name_as_given,
                "@id": f"{base}{part.institution.get_absolute_url()}" if part.institution else "",
            }
            for part in parts
        ],
    }
