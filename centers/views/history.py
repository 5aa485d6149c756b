from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.history.pages import record_history
from accounts.history.reading import Part
from accounts.permissions import ADMINISTRATOR, OFFICER
from centers.models import Center, CenterInstitution, CenterSite, Facility

PARTS = (Part(CenterSite, "center"), Part(CenterInstitution, "center"), Part(Facility, "center"))


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def center_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    center = get_visible_or_404(Center.objects.only("slug", "name"), request.user, slug=slug)
    return record_history(request, center, PARTS, name=center.name, back=center.get_absolute_url())
