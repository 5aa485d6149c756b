"""What somebody was told, in the words of the inbox."""

from notifications.models import Notification


def told(user) -> list[str]:
    return [row.event.headline for row in Notification.objects.filter(subscriber__user=user).order_by("pk")]
