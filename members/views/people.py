"""People with a public profile: the list of them, the page of each, and the look-up by the first letters of a name.

A profile that is not public is, for others, as if it did not exist: each answer starts from `visible_to`.
"""

from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import can, get_visible_or_404, visible
from accounts.permissions import is_secretariat
from members.filters import PersonFilters
from members.models import Affiliation, Person
from members.models.person import PersonQuerySet
from members.search import people_matching
from toolkit.dates import Precision
from toolkit.limits import too_often
from toolkit.listing import Columns, Listing, Sort
from toolkit.names import fold
from toolkit.network import client_network
from vocabularies.countries import country_names
from vocabularies.languages import language_names
from vocabularies.models import Theme

MOST_IN_A_FILE = 200  # of people; the list is for finding somebody, not for taking everybody along
FILES_AN_HOUR = 10
MISSES = 30  # addresses of people that lead nowhere, within five minutes
LOOKUPS_A_MINUTE = 30
SHORTEST_LOOKUP = 3
ROWS_OF_A_LOOKUP = 10

SORTS = {"name": Sort(gettext_lazy("name"), ("sort_key",))}
COLUMNS: Columns = {
    "slug": "slug",
    "name": "name",
    "other_names": lambda row: list(row.other_names.values()),
    "positions": lambda row: [work["position"] for work in row.works_at],
    "institutions": lambda row: [work["institution"] for work in row.works_at],
    "countries": lambda row: sorted({work["country"] for work in row.works_at if work["country"]}),
    "expertise": "expertise",
    "themes": "theme_slugs",
    "languages": "languages",
    "orcid": "orcid_url",
    "public": "is_public",
    "illustrative": "illustrative",
}


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    listing = Listing(
        request,
        PersonFilters,
        Person.objects.visible_to(request.user),
        sorts=SORTS,
        columns=COLUMNS,
        for_page=for_page,
        for_file=for_file,
    )
    if listing.format:
        refuse_to_give_everybody(request, listing)
        return listing.export()
    context = {"listing": listing, "rows": rows(listing.page), "most_in_a_file": MOST_IN_A_FILE}
    return render(request, "members/person_list.html", context)


def refuse_to_give_everybody(request: HttpRequest, listing: Listing) -> None:
    user = request.user
    if user.is_anonymous:
        raise PermissionDenied(
            _("Files of people are for those who have signed in. Everything in them stands on the pages.")
        )
    if is_secretariat(user):
        return
    if listing.total > MOST_IN_A_FILE:
        raise PermissionDenied(
            _("A file holds at most %(number)d people: narrow the list first. The secretariat can make longer ones.")
            % {"number": MOST_IN_A_FILE}
        )
    if too_often(f"people-file:{user.pk}", limit=FILES_AN_HOUR, seconds=3600):
        raise PermissionDenied(_("That were many files within the hour. Please try again later."))


def for_page(found: PersonQuerySet, filters: PersonFilters) -> QuerySet:
    return found.for_rows()


def for_file(found: PersonQuerySet, filters: PersonFilters) -> QuerySet:
    themes = Theme.objects.filter(people=OuterRef("pk")).order_by("slug")
    return found.for_rows().annotate(theme_slugs=ArraySubquery(themes.values("slug")))


def rows(page) -> list[dict[str, Any]]:
    """What the template shows of each, in words: looked up once for the page and not per row."""
    countries, illustrative, hidden = country_names(), _("illustrative"), _("not public")
    return [
        {
            "url": row.get_absolute_url(),
            "name": row.name,
            "others": row.other_names.values(),
            "works_at": [{**work, "country": countries.get(work["country"], "")} for work in row.works_at],
            "expertise": row.expertise,
            "illustrative": illustrative if row.illustrative else "",
            "hidden": "" if row.is_public else hidden,
        }
        for row in page or ()
    ]


@require_safe
def person_detail(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        person = get_visible_or_404(
            Person.objects.select_related("user").defer("names_folded"), request.user, slug=slug
        )
    except Http404:
        if too_often(f"people-missed:{who_asks(request)}", limit=MISSES, seconds=300):
            return render(request, "members/person_missed.html", status=429)
        raise
    return render(request, "members/person_detail.html", page_of(person, request.user))


def who_asks(request: HttpRequest) -> str:
    return str(request.user.pk) if request.user.is_authenticated else client_network(request)


def page_of(person: Person, user) -> dict[str, Any]:
    """Everything that stands on the page of a person; nobody's e-mail address is among it."""
    affiliations = Affiliation.objects.visible_to(user).filter(person=person).select_related("institution").with_end()
    work = Work.of(affiliations)
    themes = list(visible(person.themes.all(), user))
    names = language_names()
    return {
        "person": person,
        "work": work,
        "themes": themes,
        "languages": [names.get(code, code) for code in person.languages],
        "is_own": person.user_id is not None and person.user_id == user.pk,
        "can_edit": can(user, "edit", person),
        "data": json_ld(person, work, themes),
    }


class Work(NamedTuple):
    """Where a person works today and has worked, the latest first."""

    current: list[Affiliation]
    former: list[Affiliation]

    @property
    def has_history(self) -> bool:
        """Whether there is more to tell than what stands under the name already."""
        return bool(self.former) or any(own.starts_precision != Precision.UNKNOWN for own in self.current)

    @classmethod
    def of(cls, affiliations) -> "Work":
        work = cls([], [])
        for own in affiliations:
            (work.former if own.has_ended else work.current).append(own)
        return work


def json_ld(person: Person, work: Work, themes: list[Theme]) -> dict[str, Any]:
    base = settings.PORTAL_BASE_URL
    return {
        "@type": "Person",
        "@id": f"{base}{person.get_absolute_url()}",
        "name": person.name,
        "alternateName": list(person.other_names.values()),
        "description": person.biography,
        "jobTitle": [own.position for own in work.current if own.position],
        "affiliation": [
            {
                "@type": "ResearchOrganization",
                "@id": f"{base}{own.institution.get_absolute_url()}",
                "name": own.institution.name,
            }
            for own in work.current
        ],
        "knowsAbout": [*person.expertise, *(theme.name for theme in themes)],
        "knowsLanguage": person.languages,
        "sameAs": person.orcid_url,
    }


@require_safe
@login_required
def person_lookup(request: HttpRequest) -> HttpResponse:
    """For fields that complete a name: three letters at least, ten people at most, public ones only, without numbers."""
    words = request.GET.get("q", "")[:100].replace("\x00", " ")
    if len(fold(words).replace(" ", "")) < SHORTEST_LOOKUP:
        return JsonResponse({"error": _("Type at least three letters.")}, status=400)
    if too_often(f"people-lookup:{request.user.pk}", limit=LOOKUPS_A_MINUTE, seconds=60):
        return JsonResponse({"error": _("Too many look-ups within a minute. Please wait.")}, status=429)
    found = people_matching(words, request.user).rows.public().for_rows().order_by("-rank", "sort_key", "pk")
    people = [
        {
            "slug": person.slug,
            "name": person.name,
            "institutions": [work["institution"] for work in person.works_at],
        }
        for person in found[:ROWS_OF_A_LOOKUP]
    ]
    return JsonResponse({"people": people})
