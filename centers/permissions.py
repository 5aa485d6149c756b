"""Centers lie open to everyone; the secretariat keeps their records."""

from django.db.models import Q

from accounts.permissions import EVERYONE, secretariat


def view_center(user) -> Q:
    return EVERYONE


def edit_center(user) -> Q:
    return secretariat(user)


view_centersite = view_centerinstitution = view_facility = view_center
edit_centersite = edit_centerinstitution = edit_facility = edit_center
