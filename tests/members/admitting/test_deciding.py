"""The board endorses, the assembly admits."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from members.actions.applications import (
    accept_application,
    admit_application,
    confirm_application,
    endorse_application,
    finish_check,
    refuse_application,
    withdraw_application,
)
from members.models import Institution, Membership, MembershipApplication
from notifications.models import Event
from tests.at_once import at_once
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.members.admitting.acts import TODAY, in_check, told
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db


# --- Deciding


def test_decisions_come_in_the_order_of_their_days(officer):
    application = in_check(officer)
    finish_check(application=application, by=officer)
    early = MeetingFactory(body="board", name="Earlier", held_on=TODAY - datetime.timedelta(days=1))

    with pytest.raises(ValidationError, match="cannot be earlier"):
        endorse_application(application=application, meeting=early, by=officer)
    application.refresh_from_db()
    assert application.state == "checked"

    late = MeetingFactory(body="board", name="Later", held_on=TODAY + datetime.timedelta(days=60))
    endorse_application(application=application, meeting=late, by=officer)
    with pytest.raises(ValidationError, match="cannot be earlier"):
        admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)


def test_board_endorses_and_assembly_admits(officer, board, assembly):
    application = in_check(officer)
    finish_check(application=application, by=officer)

    with pytest.raises(ValidationError, match="Governing Board"):
        endorse_application(application=application, meeting=assembly, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    with pytest.raises(ValidationError, match="General Assembly"):
        admit_application(application=application, meeting=board, by=officer)


@pytest.mark.parametrize(
    ("proposed", "invited"),
    [
        ({}, ("amina@example.org", "Amina Rahmani")),
        ({"focal_name": "Bo Li", "focal_email": "bo@example.org"}, ("bo@example.org", "Bo Li")),
    ],
)
def test_admission_invites_the_focal_point_who_was_proposed(officer, proposed, invited):
    application = MembershipApplicationFactory(
        sent=True, state="endorsed", contact_email="amina@example.org", **proposed
    )

    admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)

    (invitation,) = application.institution.invitations.all()
    assert (invitation.email, invitation.name) == invited
    assert (invitation.role, invitation.state, invitation.invited_by) == ("focal_point", "waiting", officer)


def test_admission_invites_nobody_who_acts_for_the_institution_already(officer):
    application = MembershipApplicationFactory(sent=True, state="endorsed", contact_email="AMINA@example.org")
    InstitutionRoleFactory(institution=application.institution, user__email="amina@example.org")

    admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)

    assert not application.institution.invitations.exists()


@pytest.mark.parametrize("before", [None, "observer", "left"])
@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_after_the_end_the_institution_is_what_it_was(officer, before, end):
    application = MembershipApplicationFactory(sent=True)
    if before:
        MembershipFactory(institution=application.institution, standing=before, starts_on=datetime.date(2020, 1, 1))
    accept_application(application=application, by=officer)

    if end == "refuse":
        refuse_application(application=application, reason="Not yet.", by=officer)
    else:
        withdraw_application(application=application, by=None)

    institution = Institution.objects.with_standing().get()
    assert institution.standing == before
    assert not Event.objects.filter(kind__in=["membership.observer", "membership.left"]).exists()
    MembershipApplicationFactory(institution=institution, sent=True)


def test_only_admission_is_news_for_followers(officer, board, assembly):
    from notifications.following import follow_topic
    from notifications.topics import resolve

    application = MembershipApplicationFactory(sent=True)
    follower = UserFactory()
    follow_topic(topic=resolve(f"institution:{application.institution.pk}"), by=follower)

    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    assert told(follower) == []
    admit_application(application=application, meeting=assembly, by=officer)

    assert told(follower) == ["membership.admitted"]


# --- Two at once


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_decides():
    application = MembershipApplicationFactory(sent=True)
    officers = [UserFactory(roles=["officer"]) for _ in range(2)]

    def accept(officer):
        return lambda: accept_application(application=MembershipApplication.objects.get(pk=application.pk), by=officer)

    results = at_once(*map(accept, officers), told=(WrongState,))
    outcomes = ["too late" if isinstance(result, WrongState) else "accepted" for result in results]

    assert sorted(outcomes) == ["accepted", "too late"]
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_applications_for_one_institution_sent_at_once_one_passes():
    institution = InstitutionFactory()
    drafts = [MembershipApplicationFactory(state="unconfirmed", institution=institution) for _ in range(2)]

    def send(draft):
        return lambda: confirm_application(application=MembershipApplication.objects.get(pk=draft.pk))

    results = at_once(*map(send, drafts), told=(ValidationError,))
    outcomes = ["refused" if isinstance(result, ValidationError) else "sent" for result in results]

    assert sorted(outcomes) == ["refused", "sent"]
