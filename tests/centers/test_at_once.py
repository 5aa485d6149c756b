"""Real transactions at the same time: the last place in a training is given once, and a certificate is issued once."""

import pytest
from django.core.exceptions import ValidationError

from centers.actions.certificates import issue_certificates
from centers.actions.courses import sign_up
from centers.models import Certificate, Participant
from tests.at_once import at_once
from tests.centers.test_trainings import over, scientist
from tests.factories import CourseSessionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_last_place_is_given_to_one_of_four():
    session = CourseSessionFactory(places=1)
    people = [scientist() for _n in range(4)]
    results = at_once(*[lambda by=by: sign_up(session=session, by=by) for by in people], told=(ValidationError,))
    assert sorted(getattr(result, "code", "in") for result in results) == ["full", "full", "full", "in"]
    assert Participant.objects.count() == 1


def test_two_who_issue_certificates_issue_each_once():
    session = CourseSessionFactory()
    person = scientist()
    sign_up(session=session, by=person)
    Participant.objects.update(attended=True)
    over(session)
    officer = UserFactory(roles=["officer"])
    results = at_once(*[lambda: issue_certificates(session=session, by=officer)] * 2, told=())
    assert sorted(map(len, results)) == [0, 1]
    assert Certificate.objects.count() == 1
