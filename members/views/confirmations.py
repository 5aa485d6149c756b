"""The page that shows the record to those who speak for the institution, with one button. Looking changes nothing."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import demand, get_visible_or_404
from members.actions.confirmations import confirm_record
from members.emails.confirmations import read_token
from members.models import Institution, InstitutionName
from members.models.confirmation import HOLDS


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def record_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    rows = Institution.objects.select_related("country", "source")
    institution = get_visible_or_404(rows, request.user, slug=slug)
    demand(request.user, "confirm", institution, _("Focal points of the institution and their deputies can do this."))
    if request.method == "POST":
        confirm_record(institution=institution, by=request.user)
        messages.success(request, _("Thank you. The record says that you have confirmed it today."))
        return redirect(institution.desk_url + "confirm/")
    return show(request, institution)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record_confirm_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the yearly mail. It opens nothing else, and whoever has it may be somebody the mail was passed on to."""
    found = read_token(token)
    if found is None:
        return render(request, "members/confirm_gone.html", status=404)
    institution, user, asked = found
    if request.method == "POST":
        confirm_record(institution=institution, by=user)
        return redirect(request.path)
    return show(request, institution, asked=asked)


def show(request: HttpRequest, institution: Institution, asked=None) -> HttpResponse:
    """It is done for this year where somebody has confirmed since it was asked, or within the year."""
    since = Q(confirmed_at__gte=asked.asked_at) if asked else Q(confirmed_at__gt=Now() - HOLDS)
    latest = institution.confirmations.annotate(is_answer=ExpressionWrapper(since, BooleanField())).first()
    names = institution.names.exclude(kind=InstitutionName.Kind.DISPLAY).order_by("kind", "language", "value")
    context = {
        "institution": institution,
        "names": names.values("value", "language"),
        "latest": latest,
        "is_done": latest is not None and latest.is_answer,
        "by_link": asked is not None,
    }
    return render(request, "members/confirm.html", context)
