"""What was changed on an institution: for the secretariat, and for the people who act for it."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.history.pages import record_history
from accounts.history.reading import Part, Reader
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.models import (
    Institution,
    InstitutionConfirmation,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    InstitutionRole,
    Membership,
)
from members.views.institution_desk import institution_at_desk

PARTS = (
    Part(InstitutionName, "institution"),
    Part(InstitutionIdentifier, "institution"),
    Part(InstitutionRelation, "institution"),
    Part(InstitutionRelation, "other"),
    Part(Membership, "institution"),
    Part(InstitutionRole, "institution"),
    Part(InstitutionConfirmation, "institution"),
    Part(InstitutionRedirect, "institution"),
)


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def institution_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    institution = get_visible_or_404(Institution.objects.only("slug", "name"), request.user, slug=slug)
    return record_history(request, institution, PARTS, name=institution.name, back=institution.get_absolute_url())


@require_safe
@login_required
def institution_own_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Colleagues are told by name; others as officers, or as somebody."""
    institution = institution_at_desk(request, slug)
    back = reverse("members:institution_desk", args=[slug])
    reader = Reader(request.user, knows=Q(institution_roles__institution=institution))
    return record_history(request, institution, PARTS, name=institution.name, back=back, reader=reader)
