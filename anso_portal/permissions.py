from django.db.models import Q

from accounts.permissions import ADMINISTRATOR, EVERYONE, NOBODY, has_role, secretariat


def view_branding(user) -> Q:
    return EVERYONE


def edit_branding(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def view_aboutfact(user) -> Q:
    return EVERYONE


def edit_aboutfact(user) -> Q:
    return secretariat(user)


def view_errorreport(user) -> Q:
    return secretariat(user)


edit_errorreport = view_errorreport
