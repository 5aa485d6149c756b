"""Invitations as the actions make them."""

import datetime
import re

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import User
from members.models import Invitation
from tests.factories import UserFactory

HOUR = datetime.timedelta(hours=1)


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


def invitation_is_open(invitation) -> bool:
    return Invitation.objects.open().filter(pk=invitation.pk).exists()
