"""Roles as the actions give and end them."""

import datetime

from django.db import connection

DAY = datetime.timedelta(days=1)


def in_force(institution) -> set[tuple[str, str]]:
    return {(role.user.name, role.role) for role in institution.roles.current()}


def demand_now():
    """What the database asks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
