"""The page of a call: everything that is needed to decide whether to apply."""

import datetime
import zoneinfo
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import can, get_visible_or_404, visible
from proposals.actions.content import parts_of
from proposals.actions.eligibility import sentences
from proposals.feeds import entry_of
from proposals.models import Call, Partner, Proposal
from toolkit.calendars import calendar_response
from toolkit.markdown import html_of
from vocabularies.countries import country_name

SMALLEST_GROUP = 5  # Statistics of fewer proposals would tell who they are.


@require_safe
def call_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    call = get_visible_or_404(
        Call.objects.for_rows().select_related("programme", "source").defer(None), user, slug=slug
    )
    mine = (
        Proposal.objects.visible_to(user).filter(call=call, applicant=user).select_related("call")
        if user.is_authenticated
        else Proposal.objects.none()
    )
    is_public = call.status != "draft"
    context = {
        "call": call,
        "is_draft": not is_public,
        "text": html_of(call.text),
        "themes": list(visible(call.themes.all(), user)),
        "rules": sentences(call),
        "parts": parts_of_call(call),
        "moments": moments(call),
        "mine": list(mine[:5]),
        "may_edit": can(user, "edit", call),
        "figures": figures(call) if call.status == "decided" else {},
        "topics": [(f"call:{call.pk}", call.title)] if is_public else [],
        "data": json_ld(call) if is_public else None,
    }
    return render(request, "proposals/call_detail.html", context)


def parts_of_call(call: Call):
    return parts_of(Proposal(call=call))


def moments(call: Call) -> list[tuple[datetime.datetime, str]]:
    """The deadline in the zone of the call, in the reader's and in UTC, each place once."""
    if call.closes_at is None:
        return []
    told: dict[tuple, tuple[datetime.datetime, str]] = {}
    own = zoneinfo.ZoneInfo(call.zone)
    for place, name in [
        (own, call.zone_shown),
        (timezone.get_current_timezone(), ""),
        (datetime.UTC, "UTC"),
    ]:
        at = call.closes_at.astimezone(place)
        shown = name or str(place).rpartition("/")[2].replace("_", " ")
        told.setdefault((at.replace(tzinfo=None), at.utcoffset()), (at, shown))
    return list(told.values())


def figures(call: Call) -> dict[str, Any]:
    """What became of its proposals: no group is shown, and none can be worked out, that is smaller than SMALLEST_GROUP."""
    sent = call.proposals.submitted()
    counts = sent.aggregate(all=Count("pk"), accepted=Count("pk", filter=Q(state__in=Proposal.GRANTED)))
    if counts["all"] < SMALLEST_GROUP:
        return {}
    found: dict[str, Any] = {"submitted": counts["all"], "countries": []}
    if is_told(counts["accepted"]) and is_told(counts["all"] - counts["accepted"]):
        found["accepted"] = counts["accepted"]
    leads = Partner.objects.filter(proposal__in=sent.values("pk"), role=Partner.Role.LEAD)
    by_country = (
        leads.values_list("institution__country").annotate(n=Count("pk")).order_by("-n", "institution__country")
    )
    shown, rest = large_groups([(code or "", n) for code, n in by_country])
    found["countries"] = [(country_name(code) if code else _("without a country"), n) for code, n in shown]
    if shown and rest:
        found["countries"].append((_("Other countries"), rest))
    return found


def is_told(number: int) -> bool:
    return number == 0 or number >= SMALLEST_GROUP


def large_groups(groups: list[tuple[str, int]]) -> tuple[list[tuple[str, int]], int]:
    """The groups that are large enough, largest first, and what the others are together: nothing, or large enough too."""
    shown = [group for group in groups if group[1] >= SMALLEST_GROUP]
    rest = sum(number for _name, number in groups) - sum(number for _name, number in shown)
    while shown and not is_told(rest):
        rest += shown.pop()[1]
    return shown, rest


def json_ld(call: Call) -> dict:
    base = settings.PORTAL_BASE_URL
    return {
        "@type": "MonetaryGrant" if call.budget else "Event",
        "@id": f"{base}{call.get_absolute_url()}",
        "name": call.title,
        "description": call.summary,
    }


@require_safe
def call_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """The deadline as one event for a calendar, at the same instant in every zone."""
    call = get_visible_or_404(Call.objects.published(), request.user, slug=slug)
    if call.closes_at is None:
        raise Http404
    return calendar_response(call.slug, [entry_of(call)])
