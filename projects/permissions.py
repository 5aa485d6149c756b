"""Who may know of projects, and who may change them. Names of look-ups only."""

from django.db.models import Q

from accounts.permissions import EVERYONE, secretariat
from members.permissions import acting_for


def view_project(user) -> Q:
    """Everyone sees what is published; people of the lead or a partner see their drafts too."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = Q(published_at__isnull=False)
    if user.is_anonymous:
        return published
    return published | Q(participations__institution__in=acting_for(user))


def edit_project(user) -> Q:
    return secretariat(user)


def view_participation(user) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = Q(project__published_at__isnull=False)
    if user.is_anonymous:
        return published
    return published | Q(project__participations__institution__in=acting_for(user))


view_projectsite = view_output = view_participation
edit_participation = edit_projectsite = edit_output = edit_project
