"""What the account itself says of a person: addresses, roles in the alliance, sessions and keys."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now
from django.utils.translation import gettext as _

from accounts.models import AllianceRole, HistoryReason, RoleQuerySet, User
from accounts.permissions import ADMINISTRATOR
from toolkit.clock import Today
from toolkit.personal import Join, Joining, Joins, Traces, drop, move, move_unless_there, rows

OWN = {
    "accounts.User",
    "accounts.AllianceRole",
    "account.EmailAddress",
    "mfa.Authenticator",
    "socialaccount.SocialAccount",
    "socialaccount.SocialToken",
    "usersessions.UserSession",
    "sessions.Session",
}
TEXTS = {"accounts.HistoryReason"}
FREE = {
    "account.EmailConfirmation",  # Unused: the link is signed, not stored.
    "socialaccount.SocialApp",
    "auth.Permission",
    "auth.Group",
    "contenttypes.ContentType",
}


def pseudonym(user: User) -> str:
    """Of an account that was closed; in one language, since it is stored."""
    return f"Former user {user.pk}"


def closed_address(user: User) -> str:
    """No mail can go there: the ending is reserved for what does not exist."""
    return f"former-{user.pk}@closed.invalid"


def export(user: User) -> dict[str, Any]:
    return {
        "account": {
            "email": user.email,
            "name": user.name,
            "language": user.language,
            "time_zone": user.time_zone,
            "joined_at": user.joined_at,
            "last_login": user.last_login,
            "has_password": user.has_usable_password(),
        },
        "email_addresses": rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"),
        "roles_in_the_alliance": rows(AllianceRole.objects.filter(user=user), "role", "starts_on", "ends_on"),
        "second_factors": rows(Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"),
        "linked_sign_ins": rows(
            SocialAccount.objects.filter(user=user), "provider", "uid", "date_joined", "last_login", "extra_data"
        ),
        "reasons_given": rows(HistoryReason.objects.filter(by=user), "text", "at"),
        "sessions": rows(UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"),
    }


def traces(user: User) -> Iterator[str]:
    yield user.name
    for address in [user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)]:
        yield from (address, address.lower())


def obstacles(user: User) -> Iterator[str]:
    administrators = AllianceRole.objects.current().filter(role=ADMINISTRATOR, user__is_active=True)
    held = administrators.filter(user=user).exists()
    if held and not administrators.exclude(user=user).exists():
        yield _("You are the only administrator. Give this role to somebody else first.")


def erase(user: User, traces: Traces) -> None:
    """The row stays, so that history names somebody; roles end today and stay as what was."""
    end_roles(AllianceRole.objects.filter(user=user))
    sign_out_everywhere(user)
    for model in (Authenticator, EmailAddress):
        model.objects.filter(user=user).delete()
    SocialToken.objects.filter(account__user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    HistoryReason.objects.filter(by=user).update(text="")
    close(user)


def end_roles(held: RoleQuerySet) -> None:
    held.not_over().update(ended_at=Now(), ends_on=Greatest(F("starts_on"), Today()))


def close(user: User) -> None:
    user.name, user.email = pseudonym(user), closed_address(user)
    user.language, user.time_zone = User._meta.get_field("language").default, User._meta.get_field("time_zone").default
    user.is_active, user.last_login = False, None
    user.set_unusable_password()
    user.save()


def sign_out_everywhere(user: User) -> None:
    """Also of sessions that no list names; what they hold is signed but not hidden."""
    UserSession.objects.filter(user=user).delete()
    number = str(user.pk)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == number:
            session.delete()


# --- Joining


def fold_roles(*same: str) -> Join:
    """Two roles alike that are both open become one, from the earlier day on."""

    def join(joining: Joining) -> None:
        for row in joining.coming.filter(ends_on__isnull=True):
            alike = {name: getattr(row, name) for name in same}
            there = joining.there.filter(ends_on__isnull=True, **alike)
            if there.update(starts_on=Least("starts_on", row.starts_on)):
                row.delete()
        move(joining)

    return join


def move_addresses(joining: Joining) -> None:
    """The address to write to stays; the others may be used to sign in."""
    joining.coming.update(primary=False)
    joining.there.filter(email__in=joining.coming.values("email")).delete()
    move(joining)
    joining.there.filter(email__iexact=joining.kept.email).update(primary=True)


# Passkeys add up. Of the other second factors an account has one each, and keeps its own.
move_keys = move_unless_there("type", among=~Q(type=Authenticator.Type.WEBAUTHN))

JOINS: Joins = {
    "accounts.HistoryReason.by": move,
    "accounts.AllianceRole.user": fold_roles("role"),
    "accounts.AllianceRole.given_by": move,
    "accounts.AllianceRole.ended_by": move,
    "account.EmailAddress.user": move_addresses,
    "mfa.Authenticator.user": move_keys,
    "socialaccount.SocialAccount.user": move,
    "usersessions.UserSession.user": drop,
}
