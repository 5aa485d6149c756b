"""What programs subscribe to: news of lists and records (Atom), and calendars."""

from itertools import chain

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

import centers.feeds
import exchanges.feeds
import projects.feeds
import proposals.feeds
from accounts.access import visible
from anso_portal.context import branding
from centers.models import Center
from exchanges.models import Offer
from members.models import Institution
from news.models import NewsItem
from notifications.feeds import atom, public_events
from notifications.links import read_calendar_token
from projects.models import Project
from proposals.models import Call
from toolkit.calendars import calendar_response
from vocabularies.models import Country, Theme

DATES = (proposals.feeds, exchanges.feeds, centers.feeds, projects.feeds)
LISTS = {
    "members": Institution,
    "centers": Center,
    "projects": Project,
    "calls": Call,
    "exchanges": Offer,
    "news": NewsItem,
}
# By the first part of their addresses: model, field in the address, and what their topic begins with.
RECORDS = {
    "members": (Institution, "slug", "institution"),
    "centers": (Center, "slug", "center"),
    "projects": (Project, "slug", "project"),
    "calls": (Call, "slug", "call"),
    "themes": (Theme, "slug", "theme"),
    "countries": (Country, "pk", "country"),
}
shared = cache_control(public=True, max_age=300)


@require_safe
@shared
def list_feed(request: HttpRequest, name: str) -> HttpResponse:
    events = public_events().filter(subject_label=LISTS[name]._meta.label_lower)
    with translation.override(settings.LANGUAGE_CODE):
        title = f"{branding()['name']}: {LISTS[name]._meta.verbose_name_plural}"
        return atom(events, title=title, address=f"/{name}/")


@require_safe
@shared
def record_feed(request: HttpRequest, name: str, slug: str) -> HttpResponse:
    """What those hear who follow the record. Caches share it, so it is that of a visitor, whoever asks."""
    model, field, topic = RECORDS[name]
    record = visible(model._default_manager.all(), AnonymousUser()).filter(**{field: slug}).first()
    if record is None:
        raise Http404
    with translation.override(settings.LANGUAGE_CODE):
        events = public_events().filter(topics__contains=[f"{topic}:{record.pk}"])
        return atom(events, title=f"{branding()['name']}: {record}", address=record.get_absolute_url())


@require_safe
@shared
def call_calendar(request: HttpRequest) -> HttpResponse:
    """The deadlines of all calls that are published and not closed."""
    calls = Call.objects.visible_to(AnonymousUser()).published().filter(closes_at__isnull=False).order_by("closes_at")
    entries = [proposals.feeds.entry_of(call) for call in calls[:500]]
    return calendar_response("calls", entries, title=_("Calls"))


@require_safe
@shared
def offer_calendar(request: HttpRequest) -> HttpResponse:
    offers = (
        Offer.objects.visible_to(AnonymousUser()).open().select_related("institution", "center").order_by("apply_by")
    )
    entries = [exchanges.feeds.entry_of(offer) for offer in offers[:500]]
    return calendar_response("exchanges", entries, title=_("Exchanges"))


@require_safe
@cache_control(private=True, no_store=True)
def own_calendar(request: HttpRequest) -> HttpResponse:
    """What has a date for one person. Programs do not sign in: the token is the proof, and a new one ends the old."""
    user = read_calendar_token(request.GET.get("token", ""))
    if user is None:
        raise Http404
    with translation.override(user.language):
        entries = chain.from_iterable(app.dates(user) for app in DATES)
        return calendar_response("my-dates", list(entries), title=branding()["name"])
