"""The page of a theme and the page of a country: what all apps hold of it."""

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, visible
from centers.models import Center, CenterSite
from exchanges.models import Offer
from members.models import Affiliation, Institution, Person
from projects.models import Participation, Project, ProjectCountry
from proposals.models import Call
from toolkit.dates import format_date
from toolkit.listing import asked_day
from toolkit.names import sort_key
from toolkit.rows import first_rows
from vocabularies.countries import country_name
from vocabularies.models import Country, Theme

ROWS_SHOWN = 6
BARS_SHOWN = 12


@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    record = get_visible_or_404(Theme.objects.select_related("source"), user, slug=slug)
    about_it = Project.objects.visible_to(user).filter(themes=record)
    projects, project_total = first_rows(about_it.for_rows().newest_first(), ROWS_SHOWN)
    centers, center_total = first_rows(
        Center.objects.visible_to(user).active().filter(themes=record).for_rows().order_by("sort_key"), ROWS_SHOWN
    )
    offers, offer_total = first_rows(open_offers(user).filter(themes=record), ROWS_SHOWN)
    institutions, institution_total = first_rows(institutions_in(about_it), BARS_SHOWN)
    countries, country_total = first_rows(countries_of(about_it), BARS_SHOWN)
    people = Person.objects.visible_to(user).filter(themes=record).count()
    query = f"?theme={record.slug}"
    context = {
        "theme": record,
        "names": [(language, name) for language, name in sorted(record.translations.items()) if isinstance(name, str)],
        "figures": [
            (project_total, ngettext("project", "projects", project_total), reverse("projects:list") + query),
            (center_total, ngettext("center", "centers", center_total), reverse("centers:list") + query),
            (
                offer_total,
                ngettext("open exchange", "open exchanges", offer_total),
                reverse("exchanges:list") + query + "&status=open",
            ),
            (country_total, ngettext("country", "countries", country_total), "#countries" if countries else ""),
            (
                people,
                ngettext("person with a public profile", "people with a public profile", people),
                reverse("members:people") + query,
            ),
        ],
        "projects": projects,
        "project_total": project_total,
        "centers": centers,
        "calls": Call.objects.visible_to(user)
        .open()
        .filter(themes=record)
        .for_rows()
        .order_by("closes_at")[:ROWS_SHOWN],
        "offers": offers,
        "offer_total": offer_total,
        "institutions": institutions,
        "institution_total": institution_total,
        "countries": by_name(countries),
        "others": visible(Theme.objects.exclude(pk=record.pk), user),
        "topic": f"theme:{record.pk}",
        "data": {"@type": "DefinedTerm", "name": record.name, "description": record.description},
    }
    return render(request, "anso_portal/theme.html", context)


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    if code != code.upper():
        known = get_visible_or_404(Country, request.user, code=code.upper())
        query = request.META.get("QUERY_STRING", "")
        return redirect(f"{known.get_absolute_url()}{'?' if query else ''}{query}", permanent=True)
    user, day = request.user, asked_day(request)
    record = get_visible_or_404(Country.objects.defer("names_folded"), user, code=code)
    here = Institution.objects.visible_to(user).filter(country=record)
    members, member_total = first_rows(
        here.listed_members(day).with_standing(day).defer("names_folded").order_by("sort_key"), ROWS_SHOWN
    )
    with_it = Project.objects.visible_to(user).filter(countries__country=record.code)
    projects, project_total = first_rows(with_it.for_rows().newest_first(), ROWS_SHOWN)
    centers, center_total = first_rows(centers_in(record, user), ROWS_SHOWN)
    offers_for, for_total = first_rows(open_offers(user).open_to(record), ROWS_SHOWN)
    offers_in, in_total = first_rows(open_offers(user).filter(country=record), ROWS_SHOWN)
    countries, country_total = first_rows(countries_of(with_it).exclude(country=record.code), BARS_SHOWN)
    partner_total = (here if day else here.active()).partners(day).count()
    people = people_in(record, user).count()
    query = f"?country={record.code}"
    kept = f"&as_of={day.isoformat()}" if day else ""
    offers_list = reverse("exchanges:list") + query + "&status=open"
    context = {
        "country": record,
        "figures": [
            (
                member_total,
                ngettext("member institution", "member institutions", member_total),
                reverse("members:list") + query + kept,
            ),
            (
                partner_total,
                ngettext("other institution", "other institutions", partner_total),
                reverse("members:list") + query + "&status=partner" + kept,
            ),
            (project_total, ngettext("project", "projects", project_total), reverse("projects:list") + query),
            (center_total, ngettext("center", "centers", center_total), reverse("centers:list") + query),
            (
                for_total,
                ngettext("exchange open to its scientists", "exchanges open to its scientists", for_total),
                "#for",
            ),
            (
                people,
                ngettext("person with a public profile", "people with a public profile", people),
                reverse("members:people") + query,
            ),
        ],
        "day": format_date(day) if day else "",
        "kept": kept,
        "day_query": kept.replace("&", "?"),
        "members": members,
        "member_total": member_total,
        "projects": projects,
        "project_total": project_total,
        "centers": centers,
        "center_total": center_total,
        "offers_for": offers_for,
        "for_total": for_total,
        "offers_in": offers_in,
        "in_total": in_total,
        "offers_list": offers_list,
        "countries": by_name(countries),
        "country_total": country_total,
        "themes": themes_of(with_it, user),
        "topic": f"country:{record.code}",
        "data": {"@type": "Country", "name": record.name, "identifier": record.code},
    }
    return render(request, "anso_portal/country.html", context)


def open_offers(user):
    return Offer.objects.visible_to(user).open().for_rows().order_by("apply_by", "pk")


def centers_in(country: Country, user):
    """By key: a center with two sites in the country is one center."""
    there = CenterSite.objects.filter(country=country).values("center")
    return Center.objects.visible_to(user).active().filter(pk__in=there).for_rows().order_by("sort_key")


def people_in(country: Country, user):
    """Those who work today at an institution of the country."""
    there = Affiliation.objects.current().filter(institution__country=country)
    return Person.objects.visible_to(user).filter(pk__in=there.values("person"))


def countries_of(projects):
    """Each country that takes part in these projects with their number, that with most first."""
    rows = ProjectCountry.objects.filter(project__in=projects.values("pk")).values("country")
    return rows.annotate(shared=Count("pk")).order_by("-shared", "country")


def by_name(countries: list[dict]) -> list[dict]:
    """Those with as many projects in the order of their names, which the database does not know."""
    return sorted(countries, key=lambda row: (-row["shared"], sort_key(country_name(row["country"]))))


def institutions_in(projects):
    """Each institution that takes part in these projects with their number, that with most first."""
    rows = Participation.objects.filter(project__in=projects.values("pk"), institution__isnull=False)
    return (
        rows.values("institution__slug", "institution__name", "institution__country")
        .annotate(shared=Count("pk"))
        .order_by("-shared", "institution__sort_key")
    )


def themes_of(projects, user):
    """The themes of these projects with their number, that with most first."""
    rows = visible(Theme.objects.all(), user).filter(projects__in=projects.values("pk"))
    return rows.annotate(count=Count("projects")).order_by("-count", "sort_key")
