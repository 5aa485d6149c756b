"""What a person follows, was told and was sent."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from notifications.models import Delivery, Event, Follow, Notification, Preference, Subscriber
from toolkit.personal import Joining, Joins, Traces, join_rows, leave, move, move_unless_there, rows

OWN = {"notifications.Subscriber", "notifications.Follow"}
TEXTS = {"notifications.Notification", "notifications.Delivery", "notifications.Event"}
FREE = {
    "notifications.Preference",
    "notifications.KindText",
    "notifications.Heartbeat",
    "notifications.HeldKind",
}


def export(user: User) -> dict[str, Any]:
    mine = Q(subscriber__user=user) | Q(subscriber__isnull=True, address__iexact=user.email)
    told = Notification.objects.filter(subscriber__user=user).select_related("event").order_by("pk")
    return {
        "follows": rows(Follow.objects.filter(subscriber__user=user), "topic", "label", "created_at"),
        "how_to_be_told": rows(Preference.objects.filter(subscriber__user=user), "about", "channel", "rhythm"),
        "inbox": [
            {
                "told_at": item.event.created_at,
                "kind": item.event.kind,
                "text": item.event.headline,
                "address": item.event.address,
                "because_of": item.reason,
                "read_at": item.read_at,
            }
            for item in told
        ],
        "mails": rows(
            Delivery.objects.filter(mine),
            *("address", "purpose", "state", "created_at", "sent_at", "subject", "body_text"),
        ),
    }


def erase(user: User, traces: Traces) -> None:
    """Mails that are under way find their row gone when they arrive, and leave nothing."""
    Delivery.objects.filter(Q(subscriber__user=user) | Q(address__in=traces.texts)).delete()
    Subscriber.objects.filter(Q(user=user) | Q(address__in=traces.texts)).delete()
    # Whatever an event of the person's own doing says: the numbers of record and topics tell enough.
    for event in Event.objects.filter(Q(actor=user) | Q(subject_label="accounts.user", subject_id=str(user.pk))):
        if named := [name for name, fact in event.facts.items() if isinstance(fact, str) and traces.found_in(fact)]:
            event.facts |= dict.fromkeys(named, traces.pseudonym)
            event.save(update_fields=["facts"])


def join_subscribers(joining: Joining) -> None:
    mine, other = joining.there.first(), joining.coming.first()
    if mine and other:
        join_rows(mine, other, joining.joins)
        other.delete()
    else:
        move(joining)


JOINS: Joins = {
    "notifications.Subscriber.user": join_subscribers,
    "notifications.Follow.subscriber": move_unless_there("topic"),
    "notifications.Preference.subscriber": move_unless_there("about", "channel"),
    "notifications.Notification.subscriber": move_unless_there("event_id"),
    "notifications.Delivery.subscriber": move,
    "notifications.Event.actor": move,
    "members.Endpoint.subscriber": leave,  # a program is neither an account nor an address that joins one
    "notifications.KindText.by": move,
    "notifications.HeldKind.by": move,
}
