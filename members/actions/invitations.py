"""Invitations to roles. The same is done and said whether or not the address has an account: nobody is looked up here."""

import datetime
from collections.abc import Iterable, MutableMapping
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.roles import (
    check_absence,
    check_handing_over,
    demand_administrator,
    demand_staffing,
    end_succeeded,
    give_alliance_role,
    give_role,
)
from members.emails.roles import INVITATION
from members.models import Institution, InstitutionRole, Invitation
from members.models.invitation import VALID, digest
from members.permissions import DEPUTY, FOCAL_POINT
from notifications.actions import post_mails
from toolkit.addresses import one_spelling
from toolkit.clock import database_today
from workflow.actions import WrongState, move

PAUSE = datetime.timedelta(minutes=1)  # A mail asked for twice within it is asked for once: a double click.
MOST_A_DAY = 1000  # Mails of one person: nobody sends spam through us.

State = Invitation.State


class Offer(NamedTuple):
    """What one address is offered."""

    email: str
    role: str
    name: str = ""
    language: str = ""


class Closed(WrongState):
    """The invitation was answered, withdrawn, sent again, or its time is over."""


# --- Inviting


@transaction.atomic
def invite_person(
    *,
    offer: Offer,
    by: User,
    institution: Institution | None = None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
    succeeds: InstitutionRole | None = None,
) -> tuple[Invitation, bool]:
    """The invitation, and whether a mail is on its way: one that waits already is not sent again by this."""
    if offer.role == DEPUTY and starts_on and ends_on:
        check_absence(starts_on, ends_on)
    if succeeds:
        check_handing_over(succeeds, by)
    terms = {"starts_on": starts_on, "ends_on": ends_on, "succeeds": succeeds}
    on_its_way = _invite([offer], by, institution, **terms)
    found = Invitation.objects.waiting().get(email=spelled(offer), role=offer.role, institution=institution)
    return found, bool(on_its_way)


@transaction.atomic
def invite_many(*, offers: Iterable[Offer], by: User, institution: Institution | None = None) -> int:
    """All or none, in as many statements as one. Gives the number of mails on their way."""
    return _invite(list(offers), by, institution)


def _invite(offers: list[Offer], by: User, institution: Institution | None, **terms) -> int:
    for role in {offer.role for offer in offers}:
        if institution is None:
            demand_administrator(by)
        else:
            demand_staffing(by, institution, role)
    _demand_moderation(by, len(offers))
    _take_turns(institution)
    waiting = Invitation.objects.waiting().filter(institution=institution)
    known = {(row.email, row.role): row for row in waiting.filter(email__in=list(map(spelled, offers)))}
    new: dict[tuple[str, str], Invitation] = {}
    renewed = 0
    for offer in offers:
        key = spelled(offer), offer.role
        if key in known:
            _change_terms(known[key], **terms)
            renewed += _renew(known[key], only_expired=True)
        else:
            new[key] = Invitation(
                email=key[0],
                role=offer.role,
                name=offer.name,
                language=offer.language,
                institution=institution,
                invited_by=by,
                **terms,
            )
    _post(Invitation.objects.bulk_create(new.values()))
    return len(new) + renewed


def spelled(offer: Offer) -> str:
    """The address as accounts have it, or whoever accepts would not be known again."""
    address = one_spelling(offer.email)
    if address is None:
        raise ValidationError(_("Write the address in plain letters, as in ada@example.org."))
    return address


def _take_turns(institution: Institution | None) -> None:
    """Two who invite the same address at once would both find that it does not wait yet."""
    with connection.cursor() as cursor:
        name = f"members.invitation:{institution.pk if institution else 0}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _change_terms(invitation: Invitation, **terms) -> None:
    """The link of the mail that was sent shows the terms as they are now."""
    given = {name: value for name, value in terms.items() if value is not None}
    if given:
        Invitation.objects.waiting().filter(pk=invitation.pk).update(**given)


def _demand_moderation(by: User, number: int = 1) -> None:
    today = Invitation.objects.filter(invited_by=by, posted_at__gt=Now() - datetime.timedelta(days=1))
    if today.count() + number > MOST_A_DAY:
        raise ValidationError(_("You have invited very many people today. Please go on tomorrow."), code="too_many")


def _post(invitations: Iterable[Invitation]) -> None:
    """Of the mails asked for only the last one is sent; those before it find that they are out of date."""
    mails = [
        (row.email, {"invitation": row.pk, "posting": row.postings, "language": row.language}) for row in invitations
    ]
    if mails:
        post_mails(purpose=INVITATION, mails=mails)


def _renew(invitation: Invitation, *, only_expired: bool = False) -> bool:
    rows = Invitation.objects.waiting().filter(pk=invitation.pk, posted_at__lte=Now() - PAUSE)
    if only_expired:
        rows = rows.filter(expires_at__lte=Now())
    renewed = rows.update(token_hash=None, postings=F("postings") + 1, posted_at=Now(), expires_at=Now() + VALID)
    if renewed:
        invitation.refresh_from_db()
        _post([invitation])
    return bool(renewed)


def forget_old_invitations() -> int:
    """Who was invited and did not come is no business of the portal for ever."""
    forgotten, _rows = Invitation.objects.outdated().delete()
    return forgotten


# --- What the inviting side does later


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User) -> bool:
    """A new link for another 14 days; the old one is void from now. A second click within a minute changes nothing."""
    _demand_management(by, invitation)
    if not Invitation.objects.waiting().filter(pk=invitation.pk).exists():
        raise Closed(_("This invitation does not wait for an answer any more."), code="closed")
    _demand_moderation(by)
    return _renew(invitation)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    _demand_management(by, invitation)
    rows = Invitation.objects.waiting().filter(pk=invitation.pk)
    if not rows.update(token_hash=None, answered_at=Now(), answered_by=by):
        raise Closed(_("This invitation does not wait for an answer any more."), code="closed")
    move(invitation, State.REVOKED, by=by)


def _demand_management(by: User, invitation: Invitation) -> None:
    reason = _("A focal point of the institution, or the secretariat, can do this.")
    demand(by, "manage", invitation, reason if invitation.institution_id else _("Administrators can do this."))


# --- What the person invited does

KEPT = "invitation"  # in the session: the number of the invitation and the hash of the secret that led to it


def keep_invitation(session: MutableMapping, invitation: Invitation) -> None:
    """For after signing in or up."""
    session[KEPT] = [invitation.pk, invitation.token_hash]


def kept_invitation(session: MutableMapping) -> Invitation | None:
    """The invitation whose link was followed in this session, while it is open and no newer link was sent."""
    try:
        key, secret = session[KEPT]
    except (KeyError, TypeError, ValueError):
        return None
    rows = Invitation.objects.open().select_related("institution", "invited_by")
    return rows.filter(pk=key, token_hash=secret).first() if secret else None


def invitation_of_token(token: str) -> Invitation | None:
    """The invitation that waits behind a link."""
    return Invitation.objects.open().filter(token_hash=digest(token)).first()


@transaction.atomic
def accept_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Gives the role. A second click of the same person gets the same answer and no second role."""
    if not _use(invitation, by):
        if Invitation.objects.filter(pk=invitation.pk, state=State.ACCEPTED, answered_by=by).exists():
            return invitation
        raise Closed(_("This invitation is not open any more. Ask whoever invited you for a new one."), code="closed")
    row = move(invitation, State.ACCEPTED, by=by, tell=_whoever_invited(invitation))
    if row.institution is None:
        give_alliance_role(user=by, role=row.role, by=row.invited_by, starts_on=row.starts_on, ends_on=row.ends_on)
        return row
    if row.ends_on and row.ends_on < database_today():
        raise Closed(_("The time that this invitation was for has passed."), code="closed")
    give_role(
        user=by,
        institution=row.institution,
        role=row.role,
        by=row.invited_by,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )
    if row.succeeds and row.role == FOCAL_POINT and row.succeeds.user_id != by.pk:
        end_succeeded(row.succeeds, by=row.invited_by)
    return row


@transaction.atomic
def decline_invitation(*, invitation: Invitation, by: User) -> Invitation:
    if not _use(invitation, by):
        if Invitation.objects.filter(pk=invitation.pk, state=State.DECLINED, answered_by=by).exists():
            return invitation
        raise Closed(_("This invitation is not open any more."), code="closed")
    return move(invitation, State.DECLINED, by=by, tell=_whoever_invited(invitation))


def _whoever_invited(invitation: Invitation) -> list[User]:
    return [invitation.invited_by] if invitation.invited_by else []


def _use(invitation: Invitation, by: User) -> bool:
    """The one statement that uses it up: of two answers at once only one finds it open."""
    reason = _("It was sent to another address than those that your account has confirmed.")
    demand(by, "accept", invitation, reason)
    rows = Invitation.objects.open().filter(pk=invitation.pk)
    return bool(rows.update(token_hash=None, answered_at=Now(), answered_by=by))
