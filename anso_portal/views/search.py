"""One search over everything. Each group shows its first rows and leads to the list that finds the same."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import centers.search
import exchanges.search
import members.search
import projects.search
import proposals.search
import vocabularies.search
from accounts.access import visible
from members.models import Institution, InstitutionIdentifier, Person
from projects.models import Project
from toolkit.listing import Match
from toolkit.names import find_identifier, fold, sort_key
from toolkit.rows import first_rows
from vocabularies.models import Country, Theme

LONGEST = 200  # characters; nobody types more
FUNDER_PREFIX = "10.13039/"  # Crossref's DOIs of funders
ROWS_SHOWN = 5


@dataclass
class Group:
    """The part of the answer that one list holds."""

    title: str
    app: str
    rows: list[Any]
    total: int
    url: str
    close: bool = False

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "")[: LONGEST * 5].replace("\x00", " ").split())
    words = text[:LONGEST]
    context: dict[str, Any] = {
        "query": words,
        "is_cut": len(text) > LONGEST,
        "groups": [],
        "themes": [],
        "countries": [],
    }
    if fold(words):  # signs alone are nothing to look for
        if record := record_of(words, request.user):
            return redirect(record)
        context["groups"] = groups_of(words, request.user)
        context["themes"] = vocabularies.search.matching(words, visible(Theme.objects.all(), request.user))
        context["countries"] = sorted(
            vocabularies.search.matching(words, visible(Country.objects.all(), request.user)),
            key=lambda row: sort_key(row.name),
        )
        found = context["groups"]
        context["total"] = sum(group.total for group in found) + len(context["themes"]) + len(context["countries"])
        context["only_close"] = bool(found) and all(group.close for group in found)
    return render(request, "anso_portal/search.html", context)


def groups_of(words: str, user) -> list[Group]:
    """What has the words; where nothing has all of them anywhere, what has words like them."""
    groups = [
        *institution_groups(words, user),
        group(_("Centers"), "centers", centers.search.matching(words, user), words),
        group(_("Projects"), "projects", projects.search.matching(words, user), words),
        group(_("Calls"), "proposals", proposals.search.matching(words, user), words),
        group(_("Exchanges"), "exchanges", exchanges.search.matching(words, user), words),
        group(_("People"), "people", members.search.people_matching(words, user), words),
    ]
    found = [one for one in groups if one.total]
    return [one for one in found if not one.close] or found


def group(title: str, app: str, found: Match, words: str) -> Group:
    rows, total = first_rows(found.rows.for_rows().order_by("-rank", "sort_key", "pk"), ROWS_SHOWN)
    return Group(title, app, rows, total, list_of(app, words), found.close)


def institution_groups(words: str, user) -> list[Group]:
    """Members, partners, and the others, each as the list of institutions would count it; in one statement."""
    found = members.search.matching(words, user)
    inactive = ~Q(record_status=Institution.RecordStatus.ACTIVE)
    part = Case(
        When(inactive, then=Value("other")),
        When(standing="member", then=Value("member")),
        When(standing__isnull=True, then=Value("partner")),
        default=Value("other"),
        output_field=CharField(),
    )
    order = [F("rank").desc(), "sort_key", "pk"]
    rows = (
        found.rows.with_standing()
        .annotate(part=part)
        .annotate(
            place=Window(RowNumber(), partition_by="part", order_by=order),
            total=Window(Count("*"), partition_by="part"),
        )
        .filter(place__lte=ROWS_SHOWN)
        .order_by("place")
        .defer("names_folded", "description")
    )
    by_part: dict[str, list[Institution]] = {}
    for row in rows:
        by_part.setdefault(row.part, []).append(row)
    titles = {
        "member": _("Members"),
        "partner": _("Other institutions"),
        "other": _("Observers, candidates, and institutions no longer active"),
    }
    statuses = {
        "member": [],
        "partner": ["partner"],
        "other": ["observer", "candidate", "suspended", "left", "inactive"],
    }
    return [
        Group(
            titles[name], "members", some, some[0].total, list_of("members", words, status=statuses[name]), found.close
        )
        for name in titles
        if (some := by_part.get(name))
    ]


def list_of(app: str, words: str, **filters: list[str]) -> str:
    name = "members:people" if app == "people" else f"{app}:list"
    return f"{reverse(name)}?{urlencode({**filters, 'q': words}, doseq=True)}"


def record_of(words: str, user) -> str | None:
    """The address of the one record that has this identifier or code."""
    scheme, value = find_identifier(words) or ("", "")
    if scheme == "ror":
        found = Institution.objects.visible_to(user).filter(ror=value)
    elif scheme == "orcid":
        found = Person.objects.visible_to(user).filter(orcid=value)
    elif scheme == "doi" and not value.startswith(FUNDER_PREFIX):
        found = Project.objects.visible_to(user).filter(outputs__doi=value).distinct()
    elif any(character.isdigit() for character in words):
        return by_code(words, user)
    else:
        return None
    return only_one(found)


def by_code(words: str, user) -> str | None:
    """The code of a project, or an identifier of an institution, alone or as the end of its address."""
    compact = "".join(words.split())
    last = compact.rstrip("/").rpartition("/")[2]
    isni = " ".join(last[at : at + 4] for at in range(0, 16, 4))
    project = only_one(Project.objects.visible_to(user).filter(code__in={words, words.upper()}))
    if project:
        return project
    rows = InstitutionIdentifier.objects.visible_to(user).filter(value__in={words, compact, last, last.upper(), isni})
    return only_one(Institution.objects.visible_to(user).filter(pk__in=rows.values("institution")))


def only_one(found: QuerySet) -> str | None:
    records = list(found.only("slug")[:2])
    return records[0].get_absolute_url() if len(records) == 1 else None
