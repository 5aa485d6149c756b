"""Who is invited to what, by whom, and by which mail."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.actions.invitations import Offer, invitation_of_token, invite_many, invite_person
from members.models import Invitation
from members.models.invitation import digest
from notifications.models import Delivery
from tests.factories import InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.members.invitations.acts import HOUR, invitation_is_open, long_ago, person, token_in
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db


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
