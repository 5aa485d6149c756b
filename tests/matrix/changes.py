"""What hypothesis does to the world: one row changed in one of the ways that a rule might look at."""

import datetime
from functools import partial

from accounts.models import AllianceRole, User
from anso_portal.models import ErrorReport
from exchanges.models import Offer
from members.models import (
    ChangeRequest,
    InstitutionContact,
    InstitutionRole,
    Invitation,
    MembershipApplication,
    Person,
)
from projects.models import Participation, Project


def _any(random, model):
    return random.choice(list(model._base_manager.order_by("pk")))


def _set(field, values, model, random, world, today) -> None:
    row = _any(random, model)
    model._base_manager.filter(pk=row.pk).update(**{field: random.choice(values(world, today))})


def _setting(model, field, values):
    change = partial(_set, field, values, model)
    change.__name__ = f"{model.__name__}.{field}"  # type: ignore[attr-defined]
    return change


def _institutions(world, today):
    return [world.own, world.elsewhere]


def _users(world, today):
    return [None, *(user for user in world.people.values() if user.pk)]


def _moments(world, today):
    return [None, datetime.datetime.now(datetime.UTC)]


def _begins(world, today):
    return [today - datetime.timedelta(days=days) for days in (400, 1, 0)]


def _move_role(model, random, world, today) -> None:
    """To the past, to the future, or so that it holds on this very day; never without an order of its dates."""
    row = _any(random, model)
    starts = today + datetime.timedelta(days=random.choice([-40, -1, 0, 1]))
    ends = starts + datetime.timedelta(days=random.choice([0, 1, 40]))
    if getattr(row, "role", "") != "focal_point":  # the last one stays: the database would not let it go
        model._base_manager.filter(pk=row.pk).update(starts_on=starts, ends_on=ends)


CHANGES = [
    partial(_move_role, InstitutionRole),
    partial(_move_role, AllianceRole),
    _setting(InstitutionRole, "institution", _institutions),
    _setting(User, "is_active", lambda world, today: [True, False]),
    _setting(Person, "is_public", lambda world, today: [True, False]),
    _setting(Project, "published_at", _moments),
    _setting(Participation, "institution", _institutions),
    _setting(Offer, "institution", _institutions),
    _setting(InstitutionContact, "is_public", lambda world, today: [True, False]),
    _setting(ErrorReport, "forwarded_to", lambda world, today: [None, world.own, world.elsewhere]),
    _setting(ChangeRequest, "institution", _institutions),
    _setting(Invitation, "invited_by", _users),
    _setting(MembershipApplication, "applicant", _users),
]
