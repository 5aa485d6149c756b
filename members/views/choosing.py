"""An institution chosen on the page of another form: looked up, then named in the address. See templates/members/_lookup.html."""

from typing import Any

from django.http import Http404, HttpRequest

from accounts.access import get_visible_or_404
from members.models import Institution
from members.views.apply import FEWEST_LETTERS, LONGEST, look_up
from toolkit.names import fold


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
