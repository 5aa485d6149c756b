"""The standing of an institution through its life, for the secretariat: observer, suspension, leaving, return."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import can, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.actions.standings import NEXT, change_standing, latest_decision, standing_of
from members.forms.memberships import StandingForm, standing_words
from members.models import Institution, Membership
from toolkit.clock import Today, database_today
from toolkit.dates import format_date

Standing = Membership.Standing


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(OFFICER, ADMINISTRATOR)
def standing_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Two steps: what is decided, then a preview of what it changes, which records it."""
    rows = Institution.objects.with_standing().defer("names_folded", "description")
    institution = get_visible_or_404(rows, request.user, slug=slug)
    latest = latest_decision(institution)
    now = standing_of(latest)
    may = can(request.user, "decide", institution)
    if request.method == "POST" and not may:
        raise PermissionDenied(_("You act for this institution: another officer records decisions on it."))
    if "change" in request.POST:
        form = StandingForm(initial=request.POST.dict(), now=now)
    else:
        form = StandingForm(request.POST if request.method == "POST" else None, now=now)
    preview = None
    if form.is_bound and form.is_valid():
        if "record" in request.POST and _record(request, institution, form):
            return redirect(request.path)
        preview = preview_of(institution, form, now) if not form.errors else None
    context = {
        "institution": institution,
        "decisions": institution.memberships.annotate(today=Today()).select_related("meeting", "source"),
        "latest": latest,
        "form": form,
        "may": may,
        "choices": NEXT.get(now, ()),
        "application": institution.applications.open().first(),
        "preview": preview,
        "corrections": reverse("admin:members_institution_change", args=[institution.pk]),
    }
    return render(request, "members/standing.html", context, status=422 if form.errors else 200)


def _record(request: HttpRequest, institution: Institution, form: StandingForm) -> bool:
    data = form.cleaned_data
    try:
        change_standing(
            institution=institution,
            standing=data["standing"],
            starts_on=data["starts_on"],
            by=request.user,
            meeting=form.chosen_meeting(),
            note=data["note"],
            source_urls=list(filter(None, [data["source_url"]])),
        )
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        return False
    messages.success(request, _("The decision is recorded."))
    return True


def preview_of(institution: Institution, form: StandingForm, now: str | None) -> dict[str, Any]:
    """What the decision makes different, before it is recorded."""
    data = form.cleaned_data
    standing, day = data["standing"], data["starts_on"]
    was, will = now == Standing.MEMBER, standing == Standing.MEMBER
    changes = []
    if was and not will:
        changes.append(_("It leaves the list of members, the map and all figures."))
    if will and not was:
        changes.append(_("It stands in the list of members, on the map and in all figures."))
    changes.append(_("Pages of earlier days (as_of) stay as they are."))
    if standing != Standing.PARTNER:
        changes.append(_("Its focal points are told, and those who follow it or its country."))
    return {
        "words": standing_words(standing, now),
        "from": Standing(now).label if now else _("partner"),
        "to": Standing(standing).label,
        "day": format_date(day),
        "is_future": day > database_today(),
        "meeting": form.chosen_meeting(),
        "changes": changes,
    }
