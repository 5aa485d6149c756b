"""Who may do what with accounts. Roles in the alliance are rows with dates, never flags on the user."""

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Q

EVERYONE = Q()
NOBODY = Q(pk__in=[])

OFFICER, REVIEWER, ADMINISTRATOR = "officer", "reviewer", "administrator"
Found = TypeVar("Found")


def once(user, name: object, work_out: Callable[[], Found]) -> Found:
    """What rules need many times for a page, worked out once for each user object, which lives as long as a request.

    To write a query takes Django longer than PostgreSQL to answer it; a written one is asked anew wherever it is used.
    """
    known = vars(user).setdefault("worked_out", {})
    if name not in known:
        known[name] = work_out()
    return known[name]


def keys_by(rule: Callable[..., Q], user, manager):
    """Keys of the rows for which a rule holds, as the rules of their parts need them."""
    return once(user, rule, lambda: manager.filter(rule(user)).values("pk"))


def has_role(user, *roles: str) -> bool:
    """Whether one of these alliance roles is in force today; an administrator is not silently an officer here."""
    return not user.is_anonymous and user.is_active and not user.current_roles.isdisjoint(roles)


def has_confirmed_address(user) -> bool:
    """Whether this person has shown to receive mail at the address of the account."""
    return not user.is_anonymous and user.emailaddress_set.filter(verified=True, email=user.email).exists()


def is_secretariat(user) -> bool:
    return has_role(user, OFFICER, ADMINISTRATOR)


def secretariat(user) -> Q:
    """Everything for officers and administrators, nothing for others: the rule of most records at the desk."""
    return EVERYONE if is_secretariat(user) else NOBODY


def view_user(user) -> Q:
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(pk=user.pk)


def edit_user(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def erase_user(user) -> Q:
    """For a person who asked for it. The own account is erased by its owner."""
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def view_historyreason(user) -> Q:
    return secretariat(user)


def view_alliancerole(user) -> Q:
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(user=user)


def edit_alliancerole(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY
