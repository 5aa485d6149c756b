"""Roles as the actions give and end them."""

import datetime

from django.db import connection

from notifications.models import Notification

DAY = datetime.timedelta(days=1)


def told(user) -> list[str]:
    return [row.event.headline for row in Notification.objects.filter(subscriber__user=user).order_by("pk")]


def in_force(institution) -> set[tuple[str, str]]:
    return {(role.user.name, role.role) for role in institution.roles.current()}


def demand_now():
    """What the database asks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
