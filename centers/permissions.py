"""Centers and what they teach lie open to everyone; the secretariat keeps their records, and hosts give the training."""

from django.db.models import Q

from accounts.permissions import EVERYONE, NOBODY, secretariat
from members.permissions import acting_for


def view_center(user) -> Q:
    return EVERYONE


def edit_center(user) -> Q:
    return secretariat(user)


view_centersite = view_centerinstitution = view_facility = view_course = view_coursesession = view_center
edit_centersite = edit_centerinstitution = edit_facility = edit_course = edit_coursesession = edit_center


# --- Training


def write_course(user) -> Q:
    """The secretariat, and people who act for an institution that hosts the center."""
    return _hosting(user, "center")


def write_coursesession(user) -> Q:
    return _hosting(user, "course__center")


def view_participant(user) -> Q:
    """Who takes part is known to that person and to the hosts."""
    return _own_or_hosting(user, person="person", center="session__course__center")


def view_certificate(user) -> Q:
    return _own_or_hosting(user, person="participant__person", center="participant__session__course__center")


def _own_or_hosting(user, *, person: str, center: str) -> Q:
    hosting = _hosting(user, center)
    return hosting if hosting == EVERYONE or user.is_anonymous else Q(**{person: user}) | hosting


def _hosting(user, center: str) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    if user.is_anonymous:
        return NOBODY
    part = f"{center}__participations"
    return Q(**{f"{part}__role": "host", f"{part}__institution__in": acting_for(user)})
