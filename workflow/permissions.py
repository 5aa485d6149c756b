"""The history of moves is the secretariat's; a record's own page shows what it wants to show of it."""

from django.db.models import Q

from accounts.access import about_hidden
from accounts.permissions import NOBODY, is_secretariat


def view_step(user) -> Q:
    """Of a record that a conflict of interest hides, its moves are hidden as well."""
    return ~about_hidden(user, "object_label", "object_id") if is_secretariat(user) else NOBODY
