"""From the application to the membership, and what the applicant hears."""

import pytest

from members.actions.applications import (
    accept_application,
    admit_application,
    apply_without_account,
    confirm_application,
    endorse_application,
    finish_check,
    submit_application,
)
from members.models import Institution
from notifications.models import Delivery
from tests.factories import InstitutionFactory, MembershipApplicationFactory
from tests.members.admitting.acts import TODAY, decisions, told, verified
from workflow.models import Step

pytestmark = pytest.mark.django_db


def test_application_goes_its_way_to_membership(officer, board, assembly):
    applicant = verified()
    application = MembershipApplicationFactory(applicant=applicant)

    submit_application(application=application, by=applicant)
    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    admit_application(application=application, meeting=assembly, by=officer)

    application.refresh_from_db()
    assert application.state == "admitted"
    assert decisions(application.institution) == [
        ("candidate", TODAY, None),
        ("endorsed", board.held_on, "Board 9"),
        ("member", assembly.held_on, "General Assembly 9"),
    ]
    assert set(application.decisions.all()) == set(application.institution.memberships.all())
    assert list(Step.objects.of(application).values_list("target", flat=True)) == [
        "submitted",
        "checking",
        "checked",
        "endorsed",
        "admitted",
    ]
    assert told(officer) == ["membership.applied"]
    assert told(applicant) == [
        f"membership.{kind}" for kind in ("received", "checking", "checked", "endorsed", "welcomed")
    ]
    standing_on = Institution.objects.with_standing(assembly.held_on).get()
    assert (standing_on.standing, standing_on.standing_since) == ("member", assembly.held_on)
    assert Institution.objects.with_standing().get().standing == "candidate"


def test_applicant_without_account_hears_by_mail_alone(officer):
    application = apply_without_account(
        application=MembershipApplicationFactory.build(
            institution=InstitutionFactory(), contact_email="amina@example.org"
        ),
        key="x",
    )
    confirm_application(application=application)
    accept_application(application=application, by=officer)

    mails = Delivery.objects.filter(address="amina@example.org").order_by("pk")
    assert [mail.purpose for mail in mails] == ["membership.confirm", "membership.progress", "membership.progress"]
    assert [mail.context.get("kind") for mail in mails] == [None, "membership.received", "membership.checking"]
    assert all(mail.sensitive for mail in mails)
