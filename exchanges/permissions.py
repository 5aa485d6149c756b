"""Who may know of programmes and offers, and who may change them. Names of look-ups only."""

from django.db.models import Q

from accounts.permissions import EVERYONE, NOBODY, secretariat
from members.permissions import acting_for


def view_programme(user) -> Q:
    return EVERYONE


def edit_programme(user) -> Q:
    return secretariat(user)


def view_offer(user) -> Q:
    """Everyone sees what was published; people of the host see their drafts too."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = ~Q(state="draft")
    if user.is_anonymous:
        return published
    return published | host_offer(user)


def host_offer(user) -> Q:
    """People who act for the institution that hosts, itself or as a host of the center."""
    if user.is_anonymous:
        return NOBODY
    mine = acting_for(user)
    return Q(institution__in=mine) | Q(
        center__participations__institution__in=mine, center__participations__role="host"
    )


def edit_offer(user) -> Q:
    return secretariat(user)
