"""Signing in and signing up by a code that is sent to an e-mail address.

Until the right code is typed nobody is looked up, so an address that has an account costs the same work and gets the same
answers as one that has none. What the mail says is decided when it is sent: its reader learns it, the page does not.
An account is made when its address has proved right, and not before.
"""

import json
import time
from dataclasses import asdict, dataclass

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress, Login
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language

from accounts.models import User
from notifications.actions import A_QUARTER, post_mail
from toolkit.sealing import seal, unseal

SESSION_KEY = "entrance"
A_DAY = 24 * 60 * 60  # after which the session of somebody who never came in is forgotten
TRIES = 3
MAILS = 3  # for one entrance: the first, and two more where none came


@dataclass
class Newcomer:
    """What was written to sign up. The password is hashed already, or none was chosen."""

    name: str
    password: str = ""
    by_passkey: bool = False
    provider: str = ""  # of the account elsewhere that signs in from then on, and its number there
    uid: str = ""


@dataclass
class Entrance:
    """Somebody at the door who was sent a code. It stands sealed in the session: it may hold a name and a password's hash."""

    email: str
    next: str = ""
    newcomer: Newcomer | None = None
    code: str = ""
    until: float = 0
    tries: int = TRIES
    mails: int = MAILS

    @classmethod
    def of(cls, request: HttpRequest) -> "Entrance | None":
        text = unseal(request.session.get(SESSION_KEY, ""))
        if text is None:
            return None
        data = json.loads(text)
        newcomer = data.pop("newcomer")
        found = cls(**data, newcomer=Newcomer(**newcomer) if newcomer else None)
        return found if found.until > time.time() else None

    def _keep(self, request: HttpRequest) -> None:
        request.session[SESSION_KEY] = seal(json.dumps(asdict(self)))
        request.session.set_expiry(A_DAY)

    def send_code(self, request: HttpRequest) -> None:
        """A new code; those that were sent before no longer work."""
        code = get_adapter().generate_login_code()
        self.code, self.until, self.tries = digest(code), time.time() + A_QUARTER.total_seconds(), TRIES
        self.mails -= 1
        self._keep(request)
        purpose = "account.signup_code" if self.newcomer else "account.login_code"
        post_mail(address=self.email, purpose=purpose, context={"language": get_language()}, secret=code)

    def is_right(self, request: HttpRequest, code: str) -> bool:
        """Counts the try. After the last one the code is worth nothing."""
        self.tries -= 1
        right = self.tries >= 0 and constant_time_compare(self.code, digest(code))
        if self.tries > 0 or right:
            self._keep(request)
        else:
            leave(request)
        return right


def digest(code: str) -> str:
    """Dashes, blanks and the case of letters are there for the reader."""
    plain = "".join(character for character in code if character.isalnum()).upper()
    return salted_hmac(SESSION_KEY, plain, algorithm="sha256").hexdigest()


def leave(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def begin(request: HttpRequest, *, email: str, next_url: str, newcomer: Newcomer | None = None) -> None:
    clear_login(request)
    Entrance(email=email, next=next_url, newcomer=newcomer).send_code(request)


def enter(request: HttpRequest, entrance: Entrance) -> HttpResponse | None:
    """Sign in whom the address belongs to, or make the account first. None: there is none, and none was asked for.

    Whoever signed up twice, or meanwhile elsewhere, has proved to own the mailbox and is signed in. An account elsewhere
    is joined to a new one only: to another it would be a way in past the second factor.
    """
    leave(request)
    user, newcomer = User.objects.of_address(entrance.email), entrance.newcomer
    if user is None and newcomer is None:
        return None
    made = user is None
    if user is None and newcomer is not None:
        user = open_account(email=entrance.email, newcomer=newcomer, language=get_language())
    flows.login.record_authentication(request, user, method="code", email=entrance.email)
    flows.email_verification.verify_email_indirectly(request, user, entrance.email)
    login = Login(user=user, email=entrance.email, redirect_url=entrance.next or None, signup=made)
    if made and newcomer and newcomer.by_passkey:
        login.state["passkey_signup"] = True
    request.session.set_expiry(app_settings.SESSION_COOKIE_AGE)
    return flows.login.perform_login(request, login)


@transaction.atomic
def open_account(*, email: str, newcomer: Newcomer, language: str) -> User:
    """The address has proved right."""
    user = User(email=email, name=newcomer.name, language=language, password=newcomer.password)
    if not newcomer.password:
        user.set_unusable_password()
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    if newcomer.uid:
        SocialAccount.objects.get_or_create(
            provider=newcomer.provider, uid=newcomer.uid, defaults={"user": user, "extra_data": {}}
        )
    return user
