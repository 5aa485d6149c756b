"""Who may read, write and publish what institutions tell each other. Names of look-ups only."""

from django.db.models import Q

from accounts.permissions import EVERYONE, NOBODY, secretariat
from members.permissions import acting_for


def write_newsitem(user) -> Q:
    """The people of the institution that tells it."""
    return NOBODY if user.is_anonymous else Q(institution__in=acting_for(user))


def view_newsitem(user) -> Q:
    """What was published and not taken back, to everyone; the rest to the people of the institution and the secretariat."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = Q(state="published")
    return published if user.is_anonymous else published | write_newsitem(user)


def edit_newsitem(user) -> Q:
    """Publish, return, correct: the secretariat."""
    return secretariat(user)
