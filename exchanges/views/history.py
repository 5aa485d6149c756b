from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.history.pages import record_history
from accounts.permissions import ADMINISTRATOR, OFFICER
from exchanges.models import Offer


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def offer_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    offer = get_visible_or_404(Offer.objects.only("slug", "title"), request.user, slug=slug)
    return record_history(request, offer, (), name=offer.title, back=offer.get_absolute_url())
