"""The page of an institution at the desk: for those who act for it, and for the secretariat. For others it is not there."""

from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts.access import can, permission, visible
from accounts.permissions import is_secretariat
from members.desk import roles as roles_desk
from members.models import Affiliation, Institution, InstitutionRole, Invitation
from members.permissions import acting_for
from toolkit.clock import Today
from toolkit.rows import first_rows

PROMISES_SHOWN = 20
PEOPLE_SHOWN = 50


def institution_at_desk(request: HttpRequest, slug: str) -> Institution:
    """Only who may act for it, or decide on it, learns that it has a page here."""
    rows = Institution.objects.filter(permission("act", Institution)(request.user)).with_standing()
    return get_object_or_404(rows.select_related("country").defer("names_folded", "country__names_folded"), slug=slug)


@require_safe
@login_required
def institution_own(request: HttpRequest) -> HttpResponse:
    """The institutions one acts for; a single one is shown at once."""
    rows = Institution.objects.filter(pk__in=acting_for(request.user)).with_standing().select_related("country")
    institutions = list(rows.defer("names_folded", "country__names_folded"))
    if len(institutions) == 1:
        return redirect(institutions[0].desk_url)
    context = {"institutions": institutions, "is_secretariat": is_secretariat(request.user)}
    return render(request, "members/institution_own.html", context)


@require_safe
@login_required
def institution_overview(request: HttpRequest, slug: str) -> HttpResponse:
    institution = institution_at_desk(request, slug)
    user = request.user
    roles = visible(institution.roles.not_over(), user).select_related("user").annotate(today=Today())
    invitations = Invitation.objects.visible_to(user).waiting().with_time().filter(institution=institution)
    context = {
        "institution": institution,
        "roles": in_order(roles),
        "invitations": list(invitations.order_by("created_at")),
        "items": roles_desk.items_of_institution(user, institution),
        "places": roles_desk.places_of_institution(user, institution),
        "may_staff": can(user, "staff", institution),
    }
    return render(request, "members/institution_overview.html", context)


def in_order(roles) -> list[InstitutionRole]:
    """Focal points, deputies, editors; each the longest-serving first."""
    ranks = {role: rank for rank, role in enumerate(InstitutionRole.Role.values)}
    return sorted(roles, key=lambda role: (ranks[role.role], role.starts_on, role.pk))


@require_safe
@login_required
def institution_promises(request: HttpRequest, slug: str) -> HttpResponse:
    """What it has promised and is asked to keep: projects and their reports, parts in proposals, centers, stays, its people."""
    institution, user = institution_at_desk(request, slug), request.user
    joined = institution.participations.visible_to(user).projects().visible_to(user).for_rows()
    projects, project_total = first_rows(
        joined.exclude(status="completed").order_by(F("ends_on").asc(nulls_last=True), "pk"), PROMISES_SHOWN
    )
    offers, offer_total = first_rows(
        institution.offers.visible_to(user).open().for_rows().order_by("apply_by"), PROMISES_SHOWN
    )
    stays, stay_total = first_rows(
        (institution.stays_in.visible_to(user).promised() | institution.stays_out.visible_to(user).promised())
        .for_rows()
        .order_by("starts_on", "pk"),
        PROMISES_SHOWN,
    )
    parts, part_total = first_rows(institution.proposal_parts.visible_to(user).promised(), PROMISES_SHOWN)
    affiliations = Affiliation.objects.visible_to(user).current().filter(institution=institution)
    people, people_total = first_rows(
        affiliations.select_related("person").order_by("person__sort_key", "pk"), PEOPLE_SHOWN
    )
    context = {
        "institution": institution,
        "projects": projects,
        "project_total": project_total,
        "reports": institution.participations.reports_owed().visible_to(user)[:PROMISES_SHOWN],
        "parts": parts,
        "part_total": part_total,
        "centers": institution.center_participations.visible_to(user).with_center(),
        "offers": offers,
        "offer_total": offer_total,
        "stays": stays,
        "stay_total": stay_total,
        "people": people,
        "people_total": people_total,
    }
    return render(request, "members/institution_promises.html", context)
