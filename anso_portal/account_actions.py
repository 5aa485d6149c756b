"""What the desk does with accounts: nobody opens one by himself, and nobody else ever knows the password."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User
from notifications.actions import post_mail


@transaction.atomic
def keep_address(*, user: User, confirmed: bool) -> None:
    """The address of the account is the one to sign in with. One that is not confirmed is asked to be at the next sign-in."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": confirmed}
    )


def send_password_link(*, user: User) -> bool:
    """The link is made when the mail is sent. Says whether there is somebody to send it to."""
    if not user.is_active:
        return False
    post_mail(address=user.email, purpose="account.password_reset_key", context={"language": user.language})
    return True


@transaction.atomic
def drop_second_factor(*, user: User) -> bool:
    """For somebody who has lost the phone, the key and the recovery codes. The person is told; roles rest until a new one
    is set up. Says whether there was any.
    """
    if not Authenticator.objects.filter(user=user).exists():
        return False
    Authenticator.objects.filter(user=user).delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    post_mail(address=user.email, purpose="account.second_factor_dropped", context={"language": user.language})
    return True
