"""Two accounts of one person become one: asked for in the one, shown to be right by a mail to the address of the other.

Nobody is looked up before the link of the mail is followed, so an address that has an account costs the same work and gets
the same answers as one that has none.
"""

from collections.abc import Iterator, Mapping, MutableMapping

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import SECOND_FACTORS, AllianceRole, User
from anso_portal.closing import join_accounts
from anso_portal.models import JoinRequest
from notifications.actions import post_mail

KEPT = "joining"  # in the session: the number of the request and the hash of the secret that led to it


class Gone(Exception):
    """The link was used, its time is over, it was made for somebody else, or the other account is no more."""


@transaction.atomic
def ask_to_join(*, email: str, by: User) -> None:
    """A mail to the other address. The link of an earlier one no longer works."""
    if is_own(email, by):
        raise ValidationError(_("This address is in your account already."))
    User.objects.select_for_update().get(pk=by.pk)  # Of two clicks, one comes later.
    JoinRequest.objects.filter(user=by).delete()
    asked = JoinRequest.objects.create(user=by, email=email)
    post_mail(address=email, purpose="account.join_link", context={"request": asked.pk, "language": get_language()})


def is_own(email: str, user: User) -> bool:
    return email == user.email or EmailAddress.objects.filter(user=user, email=email, verified=True).exists()


def obstacles(user: User) -> Iterator[str]:
    """Why an account can be no part of a joining that its owner asks for."""
    if AllianceRole.objects.filter(user=user).not_over().exists():
        yield _("%(address)s holds a role in the alliance. Ask the secretariat.") % {"address": user.email}


def obstacles_of_closed(user: User) -> Iterator[str]:
    yield from obstacles(user)
    if Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists():
        # The mailbox alone must not open what a second factor protects.
        told = _("%(address)s is protected by a second factor. Sign in there, take it off, and ask once more.")
        yield told % {"address": user.email}


# --- The link


def keep_link(session: MutableMapping, token: str) -> bool:
    """For after signing in. Says whether the link leads anywhere."""
    found = JoinRequest.objects.open().filter(token_hash=JoinRequest.digest(token)).first()
    if found:
        session[KEPT] = [found.pk, found.token_hash]
    return found is not None


def kept_request(session: Mapping, user: User) -> tuple[JoinRequest, User] | None:
    """What this person asked for, and the account that would be closed, if its link was followed in this session."""
    try:
        key, secret = session[KEPT]
    except (KeyError, TypeError, ValueError):
        return None
    asked = JoinRequest.objects.open().filter(pk=key, token_hash=secret, user=user).first() if secret else None
    other = User.objects.of_address(asked.email) if asked else None
    return (asked, other) if asked and other and other.is_active and other != user else None


@transaction.atomic
def join_asked(*, asked: JoinRequest, by: User, told: Mapping[str, str]) -> None:
    """Uses the link up, and joins. Both addresses hear of it, and from where it was done."""
    other = User.objects.of_address(asked.email)
    # Of two that touch one account, the later one waits, and finds what the earlier one has left.
    both = User.objects.select_for_update().filter(pk__in=[by.pk, other.pk if other else by.pk]).order_by("pk")
    open_accounts = {user for user in both if user.is_active}
    used, _rows = JoinRequest.objects.open().filter(pk=asked.pk, token_hash=asked.token_hash, user=by).delete()
    if other is None or other == by or not used or not {by, other} <= open_accounts:
        raise Gone
    if problems := [*obstacles(by), *obstacles_of_closed(other)]:
        raise ValidationError(problems)
    # The link has shown that its mailbox is theirs; and both addresses sign in from now on.
    EmailAddress.objects.update_or_create(user=other, email=asked.email, defaults={"verified": True})
    EmailAddress.objects.get_or_create(user=other, email=other.email)
    _join_and_tell(kept=by, closed=other, by=by, told=told, also={asked.email: other.language})


@transaction.atomic
def join_for_others(*, kept: User, closed: User, by: User) -> None:
    """By an administrator, for a person who asked for it and cannot do it: who holds a role, or has lost a mailbox."""
    demand(by, "erase", closed, _("Only an administrator can do this."))
    if by in (kept, closed):
        raise ValidationError(_("Join your own accounts in your settings."))
    list(User.objects.select_for_update().filter(pk__in=[kept.pk, closed.pk]).order_by("pk"))
    kept.refresh_from_db()
    closed.refresh_from_db()
    _join_and_tell(kept=kept, closed=closed, by=by, told={})


def _join_and_tell(
    *, kept: User, closed: User, by: User, told: Mapping[str, str], also: Mapping[str, str] | None = None
) -> None:
    facts = {**told, "email": kept.email, "closed_email": closed.email}
    addresses = {kept.email: kept.language, **(also or {}), closed.email: closed.language}
    join_accounts(kept=kept, closed=closed, by=by)
    for address, language in addresses.items():
        post_mail(address=address, purpose="account.joined", context={**facts, "language": language})
