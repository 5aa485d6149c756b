"""Invitations: offered, sent, sent again, withdrawn, answered once; and the secret lies nowhere but in the mail."""

import datetime
import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from members.actions.invitations import (
    Closed,
    Offer,
    accept_invitation,
    decline_invitation,
    invitation_of_token,
    invite_many,
    invite_person,
    resend_invitation,
    revoke_invitation,
)
from members.emails.roles import invitation as write_letter
from members.models import InstitutionRole, Invitation
from members.models.invitation import digest
from notifications.emails import ObsoleteError
from notifications.models import Delivery, Notification
from notifications.sender import drain
from tests.at_once import at_once
from tests.factories import InstitutionFactory, InstitutionRoleFactory, InvitationFactory, UserFactory
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water")


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima").user


@pytest.fixture
def outbox(settings, tmp_path):
    """outbox() sends what is due and gives the texts of all mails so far."""
    settings.MAIL_TRANSPORT = "notifications.transport.FileTransport"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"

    def sent() -> list[str]:
        drain()
        return [path.read_text() for path in sorted(settings.EMAIL_FILE_PATH.glob("*.eml"))]

    return sent


def person(email="new@example.org", **fields) -> User:
    user = UserFactory(email=email, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def long_ago(invitation, **fields):
    """As if it had been posted an hour ago."""
    Invitation.objects.filter(pk=invitation.pk).update(posted_at=timezone.now() - HOUR, **fields)
    invitation.refresh_from_db()


def token_in(mail: str) -> str:
    flowing = mail.replace("=\n", "").replace("=\r\n", "")
    return re.search(r"/invitations/([\w-]{43})/", flowing)[1]


def told(user) -> list[str]:
    return [row.event.headline for row in Notification.objects.filter(subscriber__user=user).order_by("pk")]


# --- Inviting


def test_invitation_is_a_row_and_a_mail_with_a_link(focal_point, institution, outbox):
    offer = Offer("New@Example.org", "editor", "Nadia", "en")

    invitation, on_its_way = invite_person(offer=offer, by=focal_point, institution=institution)

    assert on_its_way
    assert (invitation.email, invitation.state, invitation.invited_by) == ("new@example.org", "waiting", focal_point)
    (mail,) = outbox()
    assert "To: new@example.org" in mail
    assert "Dear Nadia," in mail
    assert "Fatima" in mail
    token = token_in(mail)
    invitation.refresh_from_db()
    assert invitation.token_hash == digest(token)
    assert invitation_of_token(token) == invitation


def test_invitation_is_open_for_14_days_by_the_database(focal_point, institution):
    invitation, _sent = invite_person(offer=Offer("new@example.org", "editor"), by=focal_point, institution=institution)
    invitation.refresh_from_db()

    assert invitation.expires_at - invitation.created_at == datetime.timedelta(days=14)


@pytest.mark.parametrize("known", [True, False])
def test_same_is_done_whether_or_not_the_address_has_an_account(
    focal_point, institution, known, django_assert_num_queries
):
    """T33"""
    if known:
        InstitutionRoleFactory(user=person("asked@example.org"), institution=institution, role="editor")
    invitation, on_its_way = invite_person(
        offer=Offer("asked@example.org", "editor"), by=focal_point, institution=institution
    )

    assert (on_its_way, str(invitation)) == (True, "editor, Academy of Water")
    assert Delivery.objects.get().subscriber is None


def test_address_is_kept_in_the_one_spelling_of_accounts(focal_point, institution):
    """T34"""
    invitation, _sent = invite_person(
        offer=Offer("Ada@BÜCHER.example", "editor"), by=focal_point, institution=institution
    )

    assert invitation.email == "ada@xn--bcher-kva.example"
    with pytest.raises(ValidationError, match="plain letters"):
        invite_person(offer=Offer("adaı@example.org", "editor"), by=focal_point, institution=institution)


def test_who_is_invited_already_is_not_sent_a_second_mail(focal_point, institution):
    offer = Offer("new@example.org", "editor")
    first, _sent = invite_person(offer=offer, by=focal_point, institution=institution)

    assert invite_person(offer=offer, by=focal_point, institution=institution) == (first, False)
    assert Delivery.objects.count() == 1


def test_inviting_again_after_the_time_is_over_sends_a_new_mail(focal_point, institution):
    offer = Offer("new@example.org", "editor")
    first, _sent = invite_person(offer=offer, by=focal_point, institution=institution)
    long_ago(first, expires_at=timezone.now() - HOUR)

    assert invite_person(offer=offer, by=focal_point, institution=institution) == (first, True)
    assert invitation_is_open(first)


def invitation_is_open(invitation) -> bool:
    return Invitation.objects.open().filter(pk=invitation.pk).exists()


@pytest.mark.parametrize(
    ("who", "role", "may"),
    [
        ("stranger", "editor", False),
        ("elsewhere", "editor", False),
        ("editor", "editor", False),
        ("deputy", "editor", True),
        ("deputy", "focal_point", False),
        ("focal_point", "focal_point", True),
        ("reviewer", "editor", False),
        ("officer", "focal_point", True),
        ("administrator", "editor", True),
    ],
)
def test_who_may_invite_to_an_institution(institution, who, role, may):
    user = UserFactory(roles=[who] if who in ("officer", "administrator", "reviewer") else [])
    if who in ("editor", "deputy", "focal_point"):
        InstitutionRoleFactory(
            institution=institution, user=user, role=who, ends_on=database_today() if who == "deputy" else None
        )
    elif who == "elsewhere":
        InstitutionRoleFactory(user=user)

    if may:
        assert invite_person(offer=Offer("a@example.org", role), by=user, institution=institution)[1]
    else:
        with pytest.raises(PermissionDenied, match="Academy of Water"):
            invite_person(offer=Offer("a@example.org", role), by=user, institution=institution)


@pytest.mark.parametrize("roles", [[], ["officer"], ["reviewer"]])
def test_only_administrators_invite_to_roles_in_the_alliance(roles):
    with pytest.raises(PermissionDenied, match="Administrators"):
        invite_person(offer=Offer("a@example.org", "officer"), by=UserFactory(roles=roles))


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "officer"},
        {"role": "editor", "institution": None},
        {"role": "king"},
        {"role": "deputy"},
        {"email": "Upper@example.org"},
        {"state": "accepted"},
        {"token_hash": "x", "state": "declined", "answered_at": "2026-01-01T00:00Z"},
        {"starts_on": "2026-02-01", "ends_on": "2026-01-01"},
    ],
)
def test_database_refuses_what_makes_no_sense(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(**fields)


@pytest.mark.parametrize("where", ["institution", "alliance"])
def test_database_lets_one_address_wait_for_one_role_once(institution, where):
    fields = {"email": "a@example.org", "institution": institution, "role": "editor"}
    if where == "alliance":
        fields |= {"institution": None, "role": "officer"}
    InvitationFactory(**fields)

    with pytest.raises(IntegrityError), transaction.atomic():
        InvitationFactory(**fields)
    InvitationFactory(**fields, state="declined", answered_at=timezone.now())


def test_many_are_invited_as_a_whole_or_not_at_all(focal_point, institution):
    offers = [Offer("a@example.org", "editor"), Offer("b@example.org", "focal_point")]

    assert invite_many(offers=offers, by=focal_point, institution=institution) == 2
    assert invite_many(offers=offers, by=focal_point, institution=institution) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        invite_many(
            offers=[Offer("c@example.org", "editor"), Offer("d@example.org", "deputy")],
            by=focal_point,
            institution=institution,
        )
    assert sorted(Invitation.objects.values_list("email", flat=True)) == ["a@example.org", "b@example.org"]


def test_nobody_sends_a_flood(focal_point, institution, monkeypatch):
    monkeypatch.setattr("members.actions.invitations.MOST_A_DAY", 2)
    for name in "ab":
        invite_person(offer=Offer(f"{name}@example.org", "editor"), by=focal_point, institution=institution)

    with pytest.raises(ValidationError, match="very many people today"):
        invite_person(offer=Offer("c@example.org", "editor"), by=focal_point, institution=institution)


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


# --- Answering


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
