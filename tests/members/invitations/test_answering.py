"""Invitations that are accepted or declined."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from members.actions.invitations import Closed, Offer, accept_invitation, decline_invitation, invite_person
from members.models import InstitutionRole, Invitation
from tests.at_once import at_once
from tests.factories import InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.members.inbox import told
from tests.members.invitations.acts import HOUR, invitation_is_open, person
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db


def test_accepting_gives_the_role_and_tells_both(focal_point, institution):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    user = person()

    accept_invitation(invitation=invitation, by=user)

    role = user.institution_roles.current().get()
    assert (role.institution, role.role, role.given_by) == (institution, "editor", focal_point)
    assert told(user) == ["You are now editor of Academy of Water"]
    assert told(focal_point) == ["Your invitation was accepted: editor, Academy of Water"]
    invitation.refresh_from_db()
    assert (invitation.state, invitation.answered_by, invitation.token_hash) == ("accepted", user, None)


def test_accepting_twice_is_accepting_once(focal_point, institution):
    """T41"""
    invitation = InvitationFactory(institution=institution, email="new@example.org", invited_by=focal_point)
    user = person()

    for _ in range(2):
        assert accept_invitation(invitation=invitation, by=user) == invitation
    assert user.institution_roles.count() == 1
    assert len(told(focal_point)) == 1


@pytest.mark.django_db(transaction=True)
def test_accepting_at_the_same_time_is_accepting_once():
    """T41"""
    invitation = InvitationFactory(email="new@example.org")
    user = person()

    def accept():
        accept_invitation(invitation=Invitation.objects.get(pk=invitation.pk), by=User.objects.get(pk=user.pk))
        return "accepted"

    outcomes = at_once(*[accept] * 4, told=())

    assert outcomes == ["accepted"] * 4
    assert InstitutionRole.objects.count() == 1


def test_declining_gives_nothing_and_tells_who_invited(focal_point, institution):
    invitation = InvitationFactory(institution=institution, email="new@example.org", invited_by=focal_point)
    user = person()

    for _ in range(2):
        decline_invitation(invitation=invitation, by=user)

    assert not user.institution_roles.exists()
    assert told(focal_point) == ["Your invitation was declined: editor, Academy of Water"]
    with pytest.raises(Closed):
        accept_invitation(invitation=invitation, by=user)


@pytest.mark.parametrize("answer", [accept_invitation, decline_invitation])
@pytest.mark.parametrize("who", ["another address", "not confirmed", "administrator"])
def test_only_the_confirmed_address_answers(answer, who):
    invitation = InvitationFactory(email="new@example.org")
    user = UserFactory(roles=["administrator"] if who == "administrator" else [])
    if who == "not confirmed":
        EmailAddress.objects.create(user=user, email="new@example.org", verified=False)

    with pytest.raises(PermissionDenied, match="another address"):
        answer(invitation=invitation, by=user)
    assert invitation_is_open(invitation)


def test_invitation_whose_time_is_over_is_not_accepted():
    invitation = InvitationFactory(email="new@example.org", expires_at=timezone.now() - HOUR)

    with pytest.raises(Closed):
        accept_invitation(invitation=invitation, by=person())


def test_role_that_somebody_holds_is_kept_as_it_is(institution):
    user = person()
    held = InstitutionRoleFactory(user=user, institution=institution, role="editor")

    accept_invitation(invitation=InvitationFactory(institution=institution, email="new@example.org"), by=user)

    assert list(user.institution_roles.all()) == [held]


def test_deputy_by_invitation_stands_in_for_the_days_named(focal_point, institution):
    today = database_today()
    days = {"starts_on": today + datetime.timedelta(days=3), "ends_on": today + datetime.timedelta(days=9)}
    offer = Offer("new@example.org", "deputy")
    invitation, _sent = invite_person(offer=offer, by=focal_point, institution=institution, **days)

    accept_invitation(invitation=invitation, by=person())

    role = InstitutionRole.objects.get(role="deputy")
    assert (role.starts_on, role.ends_on) == (days["starts_on"], days["ends_on"])


def test_absence_that_has_passed_needs_no_deputy(institution):
    past = database_today() - datetime.timedelta(days=1)
    invitation = InvitationFactory(
        institution=institution, email="new@example.org", role="deputy", starts_on=past, ends_on=past
    )

    with pytest.raises(Closed, match="has passed"), transaction.atomic():
        accept_invitation(invitation=invitation, by=person())
    assert invitation_is_open(invitation)


def test_successor_by_invitation_takes_the_place(focal_point, institution):
    own = focal_point.institution_roles.get()
    invitation, _sent = invite_person(
        offer=Offer("new@example.org", "focal_point"), by=focal_point, institution=institution, succeeds=own
    )
    assert institution.roles.current().get() == own
    user = person()

    accept_invitation(invitation=invitation, by=user)

    assert institution.roles.current().get().user == user
    assert told(focal_point) == [
        "Your invitation was accepted: focal point, Academy of Water",
        "You are no longer focal point of Academy of Water",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_alliance_role_by_invitation():
    administrator = UserFactory(roles=["administrator"])
    invitation, _sent = invite_person(offer=Offer("new@example.org", "officer"), by=administrator)
    user = person()

    accept_invitation(invitation=invitation, by=user)

    assert User.objects.get(pk=user.pk).current_roles == {"officer"}
    assert told(administrator)[-1] == "Your invitation was accepted: programme officer"
