"""What followers hear, for programs that read feeds: public events whose subjects an anonymous visitor may still see."""

from collections import defaultdict

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed

from accounts.access import visible
from notifications import kinds
from notifications.emails import one_line
from notifications.links import absolute
from notifications.models import Event

SHOWN = 50


def public_events() -> QuerySet[Event]:
    return Event.objects.filter(is_public=True).order_by("-pk")


def atom(events: QuerySet[Event], *, title: str, address: str) -> HttpResponse:
    """In the language in force. The address of a feed is that of its page with `feed.atom` behind it."""
    shown = _still_visible(list(events[:SHOWN]))
    page = f"{settings.PORTAL_BASE_URL}{address}"
    feed = Atom1Feed(title=one_line(title), link=page, feed_url=f"{page}feed.atom", description=None)
    for event in shown:
        kind = kinds.get(event.kind)
        rows = "\n".join(f"{label}: {value}" for label, value in kind.shown_rows(event.facts))
        feed.add_item(
            title=one_line(event.headline),
            link=absolute(event.address),
            unique_id=f"tag:{settings.MAIL_DOMAIN},2026:event:{event.pk}",
            description=f"{kind.opening(event.facts)}\n{rows}".strip(),
            pubdate=event.created_at,
            updateddate=event.created_at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


def _still_visible(events: list[Event]) -> list[Event]:
    """One statement for each model among them."""
    keys = defaultdict(set)
    for event in events:
        keys[event.subject_label].add(event.subject_id)
    seen = set()
    for label, wanted in keys.items():
        rows = visible(apps.get_model(label)._default_manager.all(), AnonymousUser()).filter(pk__in=wanted)
        seen |= {(label, str(key)) for key in rows.values_list("pk", flat=True)}
    return [event for event in events if (event.subject_label, event.subject_id) in seen]
