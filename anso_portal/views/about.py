"""Pages of words: about the alliance, privacy, accessibility."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from anso_portal.cleaning import NETWORK_KEPT_FOR
from anso_portal.models import AboutFact
from members.models import application, invitation, message
from notifications.models import TEXT_KEPT_FOR
from toolkit.dates import Precision, format_date, parse_partial_date


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    groups: dict[str, list[dict]] = {}
    for fact in AboutFact.objects.visible_to(request.user):
        groups.setdefault(title_of(fact.key), []).append(shown(fact))
    return render(request, "anso_portal/about.html", {"groups": list(groups.items())})


def title_of(key: str) -> str:
    """Facts of one kind stand together; a kind that the portal has no words for is called by its key."""
    titles = {
        "founded": _("How it began"),
        "founding_members": _("How it began"),
        "members": _("How it grew"),
        "general_assembly": _("General Assembly"),
        "governing_board": _("Governing Board"),
        "president": _("Presidents"),
        "vice_president": _("Vice-Presidents"),
        "executive_director": _("Executive Directors"),
        "secretariat": _("Secretariat"),
        "secretariat_address": _("Secretariat"),
        "website": _("Secretariat"),
        "anso_line_of_work": _("Lines of work"),
        "line_of_work": _("Lines of work"),
        "association": _("Associations under the alliance"),
    }
    return titles.get(key) or key.replace("_", " ").capitalize()


def shown(fact: AboutFact) -> dict:
    other = fact.translations.get(get_language() or "en", {})
    other = other if isinstance(other, dict) else {"value": other}
    value = other.get("value") or fact.value
    if fact.key == "general_assembly" and value.isdecimal():
        value = _("Assembly %(number)s") % {"number": value}
    elif fact.key == "founding_members" and value.isdecimal():
        value = _("%(number)s founding members") % {"number": value}
    return {
        "key": fact.key,
        "value": as_date(value),
        "detail": other.get("detail") or fact.detail,
        "source_urls": [url for url in fact.source_urls if str(url).startswith(("http://", "https://"))],
    }


def as_date(value: str) -> str:
    """A day written as 2018-11-04 as readers write it; anything else stays."""
    try:
        day, precision = parse_partial_date(value)
    except ValueError:
        return value
    return format_date(day, precision) if precision == Precision.DAY else value


# How long something is kept: said from the same numbers by which it is forgotten.
DAYS_KEPT = {
    "texts_of_mails": TEXT_KEPT_FOR.days,
    "messages": message.KEPT_FOR.days,
    "networks": NETWORK_KEPT_FOR.days,
    "invitations": invitation.KEPT_FOR.days,
    "unconfirmed_applications": application.CONFIRM_WITHIN.days,
    "sessions": settings.SESSION_COOKIE_AGE // 86_400,
}


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "anso_portal/privacy.html", {"days": DAYS_KEPT})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "anso_portal/accessibility.html")
