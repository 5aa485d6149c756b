"""Who may apply, and applications that are sent and confirmed."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from members.actions.applications import (
    apply_without_account,
    confirm_application,
    key_of,
    submit_application,
    withdraw_application,
)
from members.models import MembershipApplication
from members.tasks import forget_applications
from notifications.models import Delivery
from tests.factories import MembershipApplicationFactory, MembershipFactory, UserFactory
from tests.members.admitting.acts import TODAY, verified
from workflow.actions import WrongState
from workflow.models import Step

pytestmark = pytest.mark.django_db


def test_numbers_count_from_one_each_year_without_a_gap():
    first, second = (MembershipApplicationFactory(applicant=verified()) for _ in range(2))
    MembershipApplicationFactory(sent=True, year=2020, serial=7)
    blocked = MembershipApplicationFactory(applicant=verified(), institution__member=True)

    submit_application(application=first, by=first.applicant)
    with pytest.raises(ValidationError):
        submit_application(application=blocked, by=blocked.applicant)
    submit_application(application=second, by=second.applicant)

    references = MembershipApplication.objects.filter(state="submitted", year=TODAY.year).order_by("serial")
    assert [one.reference for one in references] == [f"ANSO-M-{TODAY.year}-0001", f"ANSO-M-{TODAY.year}-0002"]
    blocked.refresh_from_db()
    assert (blocked.state, blocked.reference) == ("draft", "")


@pytest.mark.parametrize("standing", ["member", "suspended"])
def test_who_is_a_member_cannot_apply(standing):
    application = MembershipApplicationFactory(applicant=verified())
    MembershipFactory(institution=application.institution, standing=standing)

    with pytest.raises(ValidationError):
        submit_application(application=application, by=application.applicant)


@pytest.mark.parametrize("standing", ["observer", "left"])
def test_observers_and_those_who_left_can_apply(standing):
    application = MembershipApplicationFactory(applicant=verified())
    MembershipFactory(institution=application.institution, standing=standing)

    submit_application(application=application, by=application.applicant)

    application.refresh_from_db()
    assert application.state == "submitted"


def test_a_second_application_of_an_institution_is_refused():
    open_one = MembershipApplicationFactory(sent=True)
    application = MembershipApplicationFactory(applicant=verified(), institution=open_one.institution)

    with pytest.raises(ValidationError, match="open already"):
        submit_application(application=application, by=application.applicant)
    withdraw_application(application=open_one, by=None)
    submit_application(application=application, by=application.applicant)


@pytest.mark.parametrize("field", ["motivation", "contact_name", "contact_position", "consents"])
def test_what_lacks_an_answer_is_not_sent(field):
    application = MembershipApplicationFactory(applicant=verified(), **{field: False if field == "consents" else ""})

    with pytest.raises(ValidationError, match="missing"):
        submit_application(application=application, by=application.applicant)


def test_sending_takes_a_confirmed_address():
    application = MembershipApplicationFactory(applicant=UserFactory())

    with pytest.raises(PermissionDenied):
        submit_application(application=application, by=application.applicant)


def test_only_the_applicant_sends(officer):
    application = MembershipApplicationFactory(applicant=verified())

    for other in (verified(), officer):
        with pytest.raises(PermissionDenied):
            submit_application(application=application, by=other)


def test_same_form_twice_is_one_application_and_one_mail():
    def again():
        return apply_without_account(
            application=MembershipApplicationFactory.build(institution=None, name="X"), key=key_of("form", "X")
        )

    assert again() == again()
    assert Delivery.objects.count() == 1


def test_confirming_twice_says_that_it_is_done():
    application = MembershipApplicationFactory(state="unconfirmed")
    confirm_application(application=application)

    with pytest.raises(WrongState):
        confirm_application(application=application)

    assert Step.objects.count() == 1


def test_what_nobody_confirms_is_forgotten_after_a_week():
    old, young = (MembershipApplicationFactory(state="unconfirmed") for _ in range(2))
    draft = MembershipApplicationFactory(applicant=UserFactory())
    week_ago = timezone.now() - datetime.timedelta(days=7, minutes=1)
    MembershipApplication.objects.exclude(pk=young.pk).update(created_at=week_ago)

    for _ in range(2):
        forget_applications()
    assert set(MembershipApplication.objects.all()) == {young, draft}
    assert not MembershipApplication.objects.filter(pk=old.pk).exists()
