import logging
import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp
from django.core.exceptions import ValidationError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anso_portal import sessions
from anso_portal.context import branding
from anso_portal.emails import NOTICES
from notifications.actions import post_mail
from notifications.following import take_over_address
from toolkit.addresses import one_spelling
from toolkit.logs import pseudonym
from toolkit.network import client_address, client_network
from toolkit.sealing import seal, unseal

logger = logging.getLogger("portal.security")


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as allauth does it, but no request sends mail: each one is a delivery, and no link lies in it."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. An administrator of the portal can open it again."),
        "cannot_remove_primary_email": _("Make another address the main one first; this one cannot be removed."),
        "duplicate_email": _("This address is in your account already."),
        "email_password_mismatch": _("The address and the password do not belong together. Was one of them mistyped?"),
        "email_taken": _("This address belongs to another account."),
        "enter_current_password": _("This is not your password of now."),
        "incorrect_code": _("This is not the right code, or it was used already."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("This was asked for too often. Please wait a few minutes."),
        "too_many_login_attempts": _(
            "This was tried too often. Please wait five minutes, or ask for a code by e-mail."
        ),
        "unverified_primary_email": _("Confirm the address first; then it can be the main one."),
    }

    def clean_email(self, email: str) -> str:
        spelled = one_spelling(email)
        if spelled is None:
            raise ValidationError(_("Write the address in plain letters, as in ada@example.org."))
        return spelled

    def get_client_ip(self, request) -> str:
        return client_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Of this very site. allauth would lead to any host under which the portal may be addressed, such as localhost."""
        here = {context.request.get_host()}
        return not url.startswith("//") and url_has_allowed_host_and_scheme(url, allowed_hosts=here)

    def login(self, request, user) -> None:
        super().login(request, user)
        sessions.begin(request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Whoever has just signed in need not prove it once more."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def authentication_failed(self, request, **credentials) -> None:
        """Written down so that guessing shows, without saying whose account or from where."""
        tried = str(credentials.get("email") or credentials.get("username") or "")
        facts = {"account": pseudonym(tried), "network": pseudonym(client_network(request))}
        logger.warning("Sign-in failed", extra={"facts": facts})

    def confirm_email(self, request, email_address) -> bool:
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            take_over_address(user=email_address.user, address=email_address.email)
        return confirmed

    def send_confirmation_mail(self, request, emailconfirmation, signup: bool) -> None:
        """With a code: what is confirmed by one is the address of somebody who is signed in, or has just given the password."""
        self._post("account.email_confirmation", emailconfirmation.email_address.email, {}, emailconfirmation.key)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        purpose = template_prefix.replace("/email/", ".")
        if purpose not in NOTICES:
            # Better no mail than one that keeps a code or a link in the database.
            raise NotImplementedError(f"anso_portal.emails does not know how to write {template_prefix}.")
        facts = {**context, "provider": context["provider"].name} if context.get("provider") else context
        told = ["ip", "user_agent", "timestamp", "from_email", "to_email", "deleted_email", "provider"]
        self._post(purpose, email, {key: str(facts[key]) for key in told if facts.get(key)})

    def _post(self, purpose: str, email: str, context: dict, secret: str = "") -> None:
        post_mail(address=email, purpose=purpose, context={**context, "language": get_language()}, secret=secret)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Providers of sign-in stand in the settings alone: no page asks the database for them."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": _("It is the only way to sign in that does not need your mail. Choose a password first."),
        "connected_other": _("It belongs to another account of this portal."),
    }

    def list_apps(self, request, provider=None, client_id=None) -> list[SocialApp]:
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def populate_user(self, request, sociallogin, data):
        """A name and an address to begin with. What else the provider tells is not ours to keep."""
        sociallogin.account.extra_data = {}
        user = super().populate_user(request, sociallogin, data)
        user.name = data.get("name") or " ".join(filter(None, [data.get("first_name"), data.get("last_name")]))
        return user

    def get_signup_form_initial_data(self, sociallogin) -> dict:
        return {**super().get_signup_form_initial_data(sociallogin), "name": sociallogin.user.name}


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keys of authenticator apps and recovery codes lie in the database sealed; the portal is called by its own name."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": _("Confirm all addresses of your account first, or remove those that you cannot confirm."),
    }

    def get_totp_issuer(self) -> str:
        return branding()["name"]

    def _get_site_name(self) -> str:
        return branding()["name"]

    def generate_authenticator_name(self, user, type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Where SECRET_KEY is another one, no code is right any more; an empty key would make codes that can be guessed."""
        return unseal(encrypted_text) or generate_totp_secret()
