from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.history.pages import record_history
from accounts.history.reading import Part
from accounts.permissions import ADMINISTRATOR, OFFICER
from proposals.models import Call, CallPart

PARTS = (Part(CallPart, "call"),)


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def call_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    call = get_visible_or_404(Call.objects.only("slug", "title"), request.user, slug=slug)
    return record_history(request, call, PARTS, name=call.title, back=call.get_absolute_url())
