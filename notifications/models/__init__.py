from notifications.models.delivery import PATIENCE, Delivery, DeliveryItem, Heartbeat
from notifications.models.event import Event, Notification
from notifications.models.subscriber import Follow, Preference, Subscriber

__all__ = [
    "PATIENCE",
    "Delivery",
    "DeliveryItem",
    "Event",
    "Follow",
    "Heartbeat",
    "Notification",
    "Preference",
    "Subscriber",
]
