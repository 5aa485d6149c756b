"""Applications as the actions move them."""

import datetime

from members.actions.applications import accept_application
from notifications.models import Notification
from tests.factories import MembershipApplicationFactory, UserFactory

TODAY = datetime.datetime.now(datetime.UTC).date()


def verified(**fields):
    user = UserFactory(**fields)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def in_check(officer, **fields):
    return accept_application(application=MembershipApplicationFactory(sent=True, **fields), by=officer)


def told(user) -> list[str]:
    return list(Notification.objects.filter(subscriber__user=user).order_by("pk").values_list("event__kind", flat=True))


def decisions(institution) -> list[tuple]:
    return list(institution.memberships.order_by("pk").values_list("standing", "starts_on", "meeting__name"))
