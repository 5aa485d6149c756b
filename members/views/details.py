"""The page of an institution: everything the portal knows about it, each fact leading on."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import can, get_visible_or_404, visible
from members.models import Affiliation, Institution, InstitutionName, InstitutionRelation, InstitutionRole, Person
from members.models.quality import latest_confirmation
from members.permissions import FOCAL_POINT
from toolkit.clock import Today
from toolkit.dates import format_date
from toolkit.documents import picture_response
from toolkit.listing import asked_day
from toolkit.rows import first_rows

PROJECTS_SHOWN = 10
PARTNERS_SHOWN = 10
OFFERS_SHOWN = 5
PEOPLE_SHOWN = 100
LONG = 40  # characters; a button with a longer name does not fit a phone


@require_safe
def institution_detail(request: HttpRequest, slug: str) -> HttpResponse:
    user, day = request.user, asked_day(request)
    rows = Institution.objects.with_standing(day).annotate(confirmed_at=latest_confirmation())
    rows = rows.select_related("source").defer("names_folded", "country__names_folded")
    institution = get_visible_or_404(rows.select_related("country"), user, slug=slug)
    names = Names.of(institution, visible(institution.names.all(), user))
    relations = Relations.of(institution, user)
    identifiers = list(institution.identifiers.visible_to(user))
    decisions = institution.memberships.visible_to(user).annotate(today=Today()).select_related("meeting", "source")

    participations = institution.participations.visible_to(user)
    led, led_total = first_rows(rows_of(participations.filter(role="lead"), user), PROJECTS_SHOWN)
    joined, joined_total = first_rows(rows_of(participations.exclude(role="lead"), user), PROJECTS_SHOWN)
    partners, partner_total = first_rows(
        institution.participations.model.objects.visible_to(user).shared_with(institution), PARTNERS_SHOWN
    )
    offers, offer_total = first_rows(
        institution.offers.visible_to(user).open().for_rows().order_by("apply_by"), OFFERS_SHOWN
    )
    people = Affiliation.objects.visible_to(user).current().filter(institution=institution)

    context = {
        "institution": institution,
        "day": format_date(day) if day else "",
        "names": names,
        "what_it_is": what_it_is(institution),
        "relations": relations,
        "identifiers": identifiers,
        "decisions": list(decisions),
        "themes": visible(institution.themes.all(), user),
        "contacts": institution.contacts.visible_to(user),
        "led": led,
        "led_total": led_total,
        "joined": joined,
        "joined_total": joined_total,
        "project_total": led_total + joined_total,
        "centers": institution.center_participations.visible_to(user).with_center(),
        "offers": offers,
        "offer_total": offer_total,
        "partners": partners,
        "partner_total": partner_total,
        "focal_points": focal_points_of(institution, user),
        "may_act": can(user, "act", institution),
        "people": people.select_related("person").order_by("person__sort_key")[:PEOPLE_SHOWN],
        "topic": f"institution:{institution.pk}",
        "topic_label": institution.name
        if len(institution.name) <= LONG
        else institution.acronym or _("this institution"),
        "data": json_ld(institution, names, identifiers, relations),
    }
    return render(request, "members/institution_detail.html", context)


@require_safe
def institution_logo(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """The logo as it is today; a proposed one is served with its change request."""
    institution = get_visible_or_404(Institution.objects.only("logo"), request.user, slug=slug, logo=f"logos/{name}")
    return picture_response(institution.logo.storage, institution.logo.name, public=True)


def focal_points_of(institution: Institution, user) -> list[Person]:
    """Only those whose profile is public, by their own choice."""
    held = InstitutionRole.objects.current().filter(institution=institution, role=FOCAL_POINT)
    return list(Person.objects.visible_to(user).filter(is_public=True, user__in=held.values("user")))


def rows_of(participations, user):
    return participations.projects().visible_to(user).for_rows().newest_first()


def what_it_is(institution: Institution) -> str:
    """The line above the name: its kind and where it is at home."""
    if institution.scope != Institution.Scope.NATIONAL:
        return _("%(kind)s, %(scope)s") % {
            "kind": _upper(institution.get_kind_display()),
            "scope": institution.get_scope_display(),
        }
    place = institution.country.name if institution.country else ""
    return _("%(kind)s in %(place)s") % {"kind": _upper(institution.get_kind_display()), "place": place}


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass
class Names:
    """Its names beside the display one: those of other languages, those it also goes by, and its acronyms."""

    labels: list[InstitutionName] = field(default_factory=list)
    aliases: list[InstitutionName] = field(default_factory=list)
    acronyms: list[InstitutionName] = field(default_factory=list)
    display_language: str = ""

    @classmethod
    def of(cls, institution: Institution, rows) -> "Names":
        names = cls()
        seen = {institution.name}
        for row in rows.order_by("kind", "language", "value"):
            if row.kind == InstitutionName.Kind.DISPLAY:
                names.display_language = row.language
            elif row.value not in seen:
                seen.add(row.value)
                {"label": names.labels, "alias": names.aliases, "acronym": names.acronyms}[row.kind].append(row)
        return names

    def all(self) -> list[str]:
        return [name.value for name in [*self.labels, *self.aliases, *self.acronyms]]


@dataclass
class Relations:
    """The other institutions it belongs to, holds, follows, or is followed by, from rows kept in one direction."""

    parents: list[Institution] = field(default_factory=list)
    children: list[Institution] = field(default_factory=list)
    successors: list[Institution] = field(default_factory=list)
    predecessors: list[Institution] = field(default_factory=list)
    related: list[Institution] = field(default_factory=list)

    @classmethod
    def of(cls, institution: Institution, user) -> "Relations":
        kinds = InstitutionRelation.Kind
        relations = cls()
        places = {
            (kinds.PARENT, True): relations.parents,
            (kinds.PARENT, False): relations.children,
            (kinds.SUCCESSOR, True): relations.successors,
            (kinds.SUCCESSOR, False): relations.predecessors,
            (kinds.RELATED, True): relations.related,
            (kinds.RELATED, False): relations.related,
        }
        rows = InstitutionRelation.objects.visible_to(user).filter(Q(institution=institution) | Q(other=institution))
        shown = [f"{end}__{name}" for end in ("institution", "other") for name in ("name", "slug", "sort_key")]
        for row in rows.select_related("institution", "other").only("kind", *shown):
            outward = row.institution_id == institution.pk
            other = row.other if outward else row.institution
            place = places[row.kind, outward]
            if other not in place:
                place.append(other)
        for place in places.values():
            place.sort(key=lambda other: other.sort_key)
        return relations

    def __bool__(self) -> bool:
        return bool(self.parents or self.children or self.predecessors or self.related or self.successors)


def json_ld(institution: Institution, names: Names, identifiers, relations: Relations) -> dict:
    base = settings.PORTAL_BASE_URL
    return {
        "@type": "ResearchOrganization",
        "@id": f"{base}{institution.get_absolute_url()}",
        "name": institution.name,
        "alternateName": names.all(),
        "description": institution.description,
        "url": institution.website,
        "logo": f"{base}{institution.logo_url}" if institution.logo else "",
        "sameAs": [institution.ror_url, *(identifier.url for identifier in identifiers)],
        "foundingDate": str(institution.established or ""),
        "address": {
            "@type": "PostalAddress",
            "addressLocality": institution.city,
            "addressCountry": institution.country_id,
        },
        "parentOrganization": [
            {"@type": "ResearchOrganization", "@id": f"{base}{parent.get_absolute_url()}", "name": parent.name}
            for parent in relations.parents
        ],
    }
