"""Vocabularies lie open to everyone; the secretariat keeps them.

This room lies below `accounts`, so it asks the user (is_staff: officer or administrator), not the roles.
"""

from django.db.models import Q


def _everyone(user) -> Q:
    return Q()


def _secretariat(user) -> Q:
    return Q() if user.is_staff else Q(pk__in=[])


view_theme = view_sdg = view_country = view_source = _everyone
edit_theme = edit_sdg = edit_country = edit_source = _secretariat
