"""An institution chosen on the page of another form: looked up, then named in the address. See templates/members/_lookup.html."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest

from accounts.access import get_visible_or_404
from members.filters import SEARCHED
from members.models import Institution, MembershipApplication
from toolkit.listing import match
from toolkit.names import find_identifier, fold

LONGEST = 200
FEWEST_LETTERS = 3
MOST_FOUND = 10


def chosen(request: HttpRequest) -> Institution | None:
    slug = request.POST.get("institution") or request.GET.get("institution", "")
    if not slug:
        return None
    if "\x00" in slug:
        raise Http404
    return get_visible_or_404(Institution.objects.active(), request.user, slug=slug[:200])


def lookup(request: HttpRequest) -> dict[str, Any]:
    """Institutions of this name, acronym or ROR id: three letters at least, ten rows at most."""
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    letters = len(fold(text).replace(" ", ""))
    found, close = look_up(text, request.user) if letters >= FEWEST_LETTERS else ([], False)
    return {"query": text, "too_short": bool(text) and letters < FEWEST_LETTERS, "found": found, "close": close}


def look_up(text: str, user) -> tuple[list[Institution], bool]:
    """At most ten known institutions of this name, acronym or ROR id, each with what it is to the alliance."""
    rows = Institution.objects.visible_to(user)
    identifier = find_identifier(text)
    if identifier and identifier[0] == "ror":
        rows, close, order = rows.filter(ror=identifier[1]), False, ["sort_key"]
    else:
        found = match(rows, text, **SEARCHED)
        rows, close, order = found.rows, found.close, ["-rank", "sort_key", "pk"]
    waiting = MembershipApplication.objects.open().filter(institution=OuterRef("pk"))
    rows = rows.with_standing().annotate(has_applied=Exists(waiting)).defer("names_folded", "description")
    return list(rows.order_by(*order)[:MOST_FOUND]), close
