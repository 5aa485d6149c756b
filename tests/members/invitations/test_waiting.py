"""Invitations that are sent again or withdrawn, and the secret that they hold."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from members.actions.invitations import (
    Closed,
    Offer,
    accept_invitation,
    invitation_of_token,
    invite_person,
    resend_invitation,
    revoke_invitation,
)
from members.emails.roles import invitation as write_letter
from notifications.emails import ObsoleteError
from notifications.models import Delivery
from tests.factories import InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.members.invitations.acts import HOUR, long_ago, person, token_in
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db


# --- Sending again, withdrawing


def test_sent_again_the_old_link_is_void_and_the_time_begins_anew(focal_point, institution, outbox):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    (first,) = outbox()
    long_ago(invitation, expires_at=timezone.now() + HOUR)

    assert resend_invitation(invitation=invitation, by=focal_point)

    assert invitation_of_token(token_in(first)) is None
    second = outbox()[1]
    assert invitation_of_token(token_in(second)) == invitation
    assert invitation.expires_at > timezone.now() + datetime.timedelta(days=13)


def test_second_click_on_send_again_sends_nothing(focal_point, institution):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    long_ago(invitation)

    assert [resend_invitation(invitation=invitation, by=focal_point) for _ in range(2)] == [True, False]
    assert Delivery.objects.count() == 2


def test_mail_that_was_overtaken_by_a_newer_one_is_not_sent(focal_point, institution, outbox):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    long_ago(invitation)
    resend_invitation(invitation=invitation, by=focal_point)

    (mail,) = outbox()

    assert invitation_of_token(token_in(mail)) == invitation
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["cancelled", "sent"]


def test_withdrawn_invitation_leads_nowhere_and_its_mail_is_not_sent(focal_point, institution, outbox):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    revoke_invitation(invitation=invitation, by=focal_point)

    assert outbox() == []
    assert (invitation.state, Delivery.objects.get().state) == ("revoked", "cancelled")
    with pytest.raises(Closed):
        revoke_invitation(invitation=invitation, by=focal_point)
    with pytest.raises(Closed):
        resend_invitation(invitation=invitation, by=focal_point)
    with pytest.raises(Closed):
        accept_invitation(invitation=invitation, by=person())


@pytest.mark.parametrize("act", [resend_invitation, revoke_invitation])
@pytest.mark.parametrize("who", ["stranger", "elsewhere", "editor", "invited", "deputy_of_focal_point"])
def test_others_neither_send_again_nor_withdraw(institution, act, who):
    invitation = InvitationFactory(institution=institution, role="focal_point", email="new@example.org")
    user = person()
    if who == "elsewhere":
        user = InstitutionRoleFactory().user
    elif who == "editor":
        user = InstitutionRoleFactory(institution=institution, role="editor").user
    elif who == "deputy_of_focal_point":
        user = InstitutionRoleFactory(institution=institution, role="deputy", ends_on=database_today()).user
    elif who == "stranger":
        user = UserFactory()

    with pytest.raises(PermissionDenied):
        act(invitation=invitation, by=user)


def test_officer_does_not_manage_what_is_the_administrators():
    invitation = InvitationFactory(institution=None, role="administrator")

    with pytest.raises(PermissionDenied, match="Administrators"):
        revoke_invitation(invitation=invitation, by=UserFactory(roles=["officer"]))
    revoke_invitation(invitation=invitation, by=UserFactory(roles=["administrator"]))


# --- The secret


def test_t13_secret_lies_in_the_mail_alone(focal_point, institution, outbox):
    """Not in a row of any table, as far as a row can be read as text."""
    invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    token = token_in(outbox()[0])

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{token}%"])
            assert cursor.fetchone()[0] == 0, table


def test_letter_is_not_written_for_what_does_not_wait(institution):
    gone = Delivery(context={"invitation": 0, "posting": 1})
    over = InvitationFactory(expires_at=timezone.now() - HOUR)

    for row in (gone, Delivery(context={"invitation": over.pk, "posting": 1}), Delivery(context={})):
        with pytest.raises(ObsoleteError):
            write_letter(row)


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "a" * 5000])
def test_secret_that_is_none_leads_nowhere(token):
    InvitationFactory()
    assert invitation_of_token(token) is None
