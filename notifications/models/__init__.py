from notifications.models.delivery import PATIENCE, TEXT_KEPT_FOR, Delivery, Heartbeat
from notifications.models.event import DUTY, Event, Notification
from notifications.models.subscriber import Follow, Preference, Subscriber
from notifications.models.text import HeldKind, KindText

__all__ = [
    "DUTY",
    "PATIENCE",
    "TEXT_KEPT_FOR",
    "Delivery",
    "Event",
    "Follow",
    "Heartbeat",
    "HeldKind",
    "KindText",
    "Notification",
    "Preference",
    "Subscriber",
]
