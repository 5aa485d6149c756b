"""The page of an exchange offer."""

import datetime
import zoneinfo

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import can, get_visible_or_404, visible
from exchanges.models import Offer
from vocabularies.countries import country_name

OTHERS_SHOWN = 4


@require_safe
def offer_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    rows = Offer.objects.for_rows().select_related("programme", "country", "institution", "center", "source")
    offer = get_visible_or_404(rows, user, slug=slug)
    themes = list(visible(offer.themes.all(), user))
    hosts = (
        offer.center.participations.visible_to(user).filter(role="host").select_related("institution")
        if offer.center
        else []
    )
    near = Q(country=offer.country_id) | Q(themes__in=themes) | (Q(center=offer.center_id) if offer.center_id else Q())
    others = (
        Offer.objects.visible_to(user)
        .open()
        .filter(pk__in=Offer.objects.filter(near).values("pk"))
        .exclude(pk=offer.pk)
    )
    is_draft = offer.state == Offer.State.DRAFT
    context = {
        "offer": offer,
        "is_draft": is_draft,
        "is_open": offer.status == "open",
        "themes": themes,
        "hosts": [part for part in hosts if part.institution_id != offer.institution_id],
        "trainings": list(visible(offer.trainings.select_related("center"), user)),
        "eligible": sorted(
            visible(offer.eligible_countries.all(), user).values_list("pk", flat=True), key=country_name
        ),
        "deadlines": deadlines(offer.apply_by, offer.apply_by_zone),
        "others": others.for_rows().order_by("apply_by")[:OTHERS_SHOWN],
        "topics": [] if is_draft else topics(offer),
        "may_write": user.is_authenticated and can(user, "write", offer),
        "data": None if is_draft else json_ld(offer),
    }
    return render(request, "exchanges/offer_detail.html", context)


def deadlines(moment: datetime.datetime | None, zone: str) -> list[tuple[datetime.datetime, str]]:
    """The moment in the zone of the offer, in the reader's and in UTC, each with the place that the zone is named for."""
    if moment is None:
        return []
    try:
        own: datetime.tzinfo = zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        own = datetime.UTC
    told: dict[tuple[datetime.datetime, datetime.timedelta | None], tuple[datetime.datetime, str]] = {}
    for place in (own, timezone.get_current_timezone(), datetime.UTC):
        there = moment.astimezone(place)
        name = str(place).rpartition("/")[2].replace("_", " ")
        told.setdefault((there.replace(tzinfo=None), there.utcoffset()), (there, name))
    return list(told.values())


def topics(offer: Offer) -> list[tuple[str, str]]:
    """What to follow to hear of the next one like it."""
    found = []
    if offer.center:
        found.append((f"center:{offer.center_id}", offer.center.name))
    elif offer.institution:
        found.append((f"institution:{offer.institution_id}", offer.institution.name))
    return [*found, (f"country:{offer.country_id}", offer.country.name)]


def json_ld(offer: Offer) -> dict:
    base = settings.PORTAL_BASE_URL
    return {
        "@type": "EducationEvent",
        "@id": f"{base}{offer.get_absolute_url()}",
        "name": offer.title,
        "description": offer.description,
        "startDate": offer.starts_on,
        "endDate": offer.ends_on,
        "maximumAttendeeCapacity": offer.places,
        "location": {
            "@type": "Place",
            "address": {"@type": "PostalAddress", "addressLocality": offer.city, "addressCountry": offer.country_id},
        },
        "organizer": {
            "@type": "ResearchOrganization",
            "name": str(offer.host),
            "@id": f"{base}{offer.host.get_absolute_url()}",
        },
    }
