import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from anso_portal.context import branding
from anso_portal.emails import NOTICES
from notifications.actions import post_mail
from toolkit.addresses import one_spelling
from toolkit.network import client_address
from toolkit.sealing import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as allauth does it, but no request sends mail: each one is a delivery, and no link lies in it."""

    def clean_email(self, email: str) -> str:
        spelled = one_spelling(email)
        if spelled is None:
            raise ValidationError(_("Write the address in plain letters, as in ada@example.org."))
        return spelled

    def get_client_ip(self, request) -> str:
        return client_address(request)

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Whoever has just signed in need not prove it once more."""
        records = get_authentication_records(self.request, self.request.user)
        if records and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT:
            return False
        return super().is_reauthentication_required(app=app, **kwargs)

    def send_confirmation_mail(self, request, emailconfirmation, signup: bool) -> None:
        """With a code: what is confirmed by one is the address of somebody who is signed in, or has just given the password."""
        self._post("account.email_confirmation", emailconfirmation.email_address.email, {}, emailconfirmation.key)

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        purpose = template_prefix.replace("/email/", ".")
        if purpose not in NOTICES:
            # Better no mail than one that keeps a code or a link in the database.
            raise NotImplementedError(f"anso_portal.emails does not know how to write {template_prefix}.")
        told = ["ip", "user_agent", "timestamp", "from_email", "to_email", "deleted_email", "provider"]
        self._post(purpose, email, {key: str(context[key]) for key in told if context.get(key)})

    def _post(self, purpose: str, email: str, context: dict, secret: str = "") -> None:
        post_mail(address=email, purpose=purpose, context={**context, "language": get_language()}, secret=secret)


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Providers of sign-in stand in the settings alone: no page asks the database for them."""

    def list_apps(self, request, provider=None, client_id=None) -> list[SocialApp]:
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keys of authenticator apps and recovery codes lie in the database sealed; the portal is called by its own name."""

    def get_totp_issuer(self) -> str:
        return branding()["name"]

    def _get_site_name(self) -> str:
        return branding()["name"]

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Where SECRET_KEY is another one, no code is right any more; an empty key would make codes that can be guessed."""
        return unseal(encrypted_text) or generate_totp_secret()
