"""The front door: the alliance on one map, its figures, and what is new."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import visible
from anso_portal import worldmap
from centers.models import Center, CenterInstitution, CenterSite
from exchanges.models import Offer
from members.models import Institution
from projects.models import Project
from proposals.models import Call
from toolkit.dates import format_date
from toolkit.listing import asked_day
from toolkit.names import sort_key
from toolkit.rows import first_rows
from vocabularies.countries import country_name
from vocabularies.models import Theme

OFFERS_SHOWN = PROJECTS_SHOWN = CALLS_SHOWN = 4
OFFERS_ON_MAP = 200


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The alliance today; or with `as_of` its members on that day, since of nothing else every day is known."""
    user, day = request.user, asked_day(request)
    context = about_members(user, day)
    if day:
        context |= {"map": worldmap.build(members=context["places"]), "day": format_date(day)}
        return render(request, "anso_portal/home_on_day.html", context)
    sites, arcs = places_of_centers(user)
    offers, offer_total = first_rows(open_offers(user).for_rows(), OFFERS_SHOWN)
    projects, project_total = first_rows(Project.objects.visible_to(user).for_rows().newest_first(), PROJECTS_SHOWN)
    center_total = Center.objects.visible_to(user).active().count()
    context |= {
        "map": worldmap.build(members=context["places"], centers=sites, offers=places_of_offers(user), arcs=arcs),
        "figures": [
            *context["figures"],
            (center_total, ngettext("center", "centers", center_total), reverse("centers:list")),
            (project_total, ngettext("project", "projects", project_total), reverse("projects:list")),
            (
                offer_total,
                ngettext("open exchange", "open exchanges", offer_total),
                reverse("exchanges:list") + "?status=open",
            ),
        ],
        "calls": open_calls(user)[:CALLS_SHOWN],
        "offers": offers,
        "closing": offers[0] if offers else None,
        "projects": projects,
        "themes": [(theme.name, theme.get_absolute_url(), theme.count) for theme in themes_with_projects(user)],
    }
    return render(request, "anso_portal/home.html", context)


def about_members(user, day: date | None) -> dict[str, Any]:
    """Places, figures and countries of the members, of today or of a day; every link keeps the day."""
    kept = f"?as_of={day.isoformat()}" if day else ""
    members = members_with_places(user, day)
    per_country = Counter(country for *_place, country in members if country)
    places = [
        worldmap.Place(name, f"/members/{slug}/{kept}", lat, lng)
        for name, slug, lat, lng, _country in members
        if lat is not None
    ]
    return {
        "places": places,
        "figures": [
            (
                len(members),
                ngettext("member institution", "member institutions", len(members)),
                reverse("members:list") + kept,
            ),
            (
                len(per_country),
                ngettext("country with members", "countries with members", len(per_country)),
                "#countries",
            ),
        ],
        "countries": sorted(
            ((country_name(code), f"/countries/{code}/{kept}", count) for code, count in per_country.items()),
            key=lambda row: sort_key(row[0]),
        ),
    }


def members_with_places(user, day: date | None) -> list[tuple[Any, ...]]:
    """(name, slug, latitude, longitude, country); one without a place of its own stands in the middle of its country."""
    rows = Institution.objects.visible_to(user).listed_members(day).order_by("sort_key")
    return list(rows.values_list("name", "slug", *place_or(""), "country"))


def places_of_centers(user) -> tuple[list[worldmap.Place], list[worldmap.Arc]]:
    """Every site, and a line to the seat from each lead institute whose place is known."""
    active = Center.objects.visible_to(user).active()
    rows = CenterSite.objects.filter(center__in=active).order_by("center__sort_key", "-is_seat", "pk")
    places, seats = [], {}
    for center, name, slug, lat, lng in rows.values_list("center", "center__name", "center__slug", *place_or("")):
        if lat is not None:
            places.append(worldmap.Place(name, f"/centers/{slug}/", lat, lng))
            seats.setdefault(center, places[-1])
    leads = CenterInstitution.objects.filter(center__in=seats, role="lead", institution__latitude__isnull=False)
    arcs = [
        worldmap.Arc(seats[center].name, seats[center].url, (lat, lng), (seats[center].lat, seats[center].lng))
        for center, lat, lng in leads.values_list("center", "institution__latitude", "institution__longitude")
    ]
    return places, arcs


def places_of_offers(user) -> list[worldmap.Place]:
    """At the seat of the center, else at the institution, else in the middle of the country."""
    seat = CenterSite.objects.filter(center=OuterRef("center"), country=OuterRef("country")).order_by("-is_seat", "pk")
    rows = open_offers(user).values_list(
        "title",
        "slug",
        Coalesce(Subquery(seat.values("latitude")[:1]), "institution__latitude", "country__latitude"),
        Coalesce(Subquery(seat.values("longitude")[:1]), "institution__longitude", "country__longitude"),
    )
    return [
        worldmap.Place(title, f"/exchanges/{slug}/", lat, lng)
        for title, slug, lat, lng in rows[:OFFERS_ON_MAP]
        if lat is not None
    ]


def open_calls(user):
    return Call.objects.visible_to(user).open().for_rows().order_by("closes_at", "pk")


def open_offers(user):
    return Offer.objects.visible_to(user).open().order_by("apply_by", "pk")


def themes_with_projects(user):
    """Every theme with the number of its projects, those without any last."""
    mine = Q(projects__in=Project.objects.visible_to(user))
    return visible(Theme.objects.all(), user).annotate(count=Count("projects", filter=mine)).order_by("sort_key")


def place_or(path: str) -> tuple[Coalesce, Coalesce]:
    return (
        Coalesce(f"{path}latitude", f"{path}country__latitude"),
        Coalesce(f"{path}longitude", f"{path}country__longitude"),
    )
