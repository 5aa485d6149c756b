"""Two real transactions that join accounts at the same time: one does it, the other is told."""

import pytest
from django.core.exceptions import ValidationError

from anso_portal.joining import Gone, join_asked
from anso_portal.models import ClosedAccount, JoinRequest
from notifications.models import Delivery
from tests.at_once import at_once
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = (Gone, ValidationError)


def joining(user, email):
    asked = JoinRequest.objects.create(user=user, email=email)
    return lambda: join_asked(asked=asked, by=user, told={})


def test_link_followed_twice_at_once_joins_once():
    one, other = UserFactory(), UserFactory()
    join = joining(one, other.email)

    results = at_once(join, join, told=TOLD)

    assert sorted(map(str, map(type, results))) == sorted(map(str, [type(None), Gone]))
    assert ClosedAccount.objects.get().user == other
    assert Delivery.objects.filter(purpose="account.joined").count() == 2


def test_two_accounts_joined_to_each_other_at_once_leave_one():
    one, other = UserFactory(), UserFactory()

    at_once(joining(one, other.email), joining(other, one.email), told=TOLD)

    assert ClosedAccount.objects.count() == 1
    one.refresh_from_db(), other.refresh_from_db()
    assert [one.is_active, other.is_active].count(True) == 1


def test_account_asked_for_by_two_at_once_goes_to_one():
    first, second, other = UserFactory(), UserFactory(), UserFactory()

    results = at_once(joining(first, other.email), joining(second, other.email), told=TOLD)

    assert [result is None for result in results].count(True) == 1
    assert ClosedAccount.objects.get().user == other
