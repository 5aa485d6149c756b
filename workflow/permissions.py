"""The history of moves is the secretariat's; a record's own page shows what it wants to show of it."""

from django.db.models import Q

from accounts.permissions import secretariat


def view_step(user) -> Q:
    return secretariat(user)
