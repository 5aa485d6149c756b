from django.db.models import Q

from accounts.permissions import ADMINISTRATOR, EVERYONE, NOBODY, has_role, is_secretariat, secretariat
from members.permissions import acting_for


def view_branding(user) -> Q:
    return EVERYONE


def edit_branding(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def view_aboutfact(user) -> Q:
    return EVERYONE


def edit_aboutfact(user) -> Q:
    return secretariat(user)


def view_errorreport(user) -> Q:
    """The people of an institution see what was forwarded to it, though never who reported it."""
    if is_secretariat(user):
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(forwarded_to__in=acting_for(user))


def edit_errorreport(user) -> Q:
    return secretariat(user)


def reply_errorreport(user) -> Q:
    return NOBODY if user.is_anonymous else Q(forwarded_to__in=acting_for(user))


def view_closedaccount(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def view_savedsearch(user) -> Q:
    """Its results are those of a visitor, and it is found only by whoever knows what it looks for."""
    return EVERYONE
