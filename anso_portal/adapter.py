from allauth.account.adapter import DefaultAccountAdapter
from django.utils.translation import get_language

from anso_portal.emails import NOTICES
from notifications.actions import post_mail
from toolkit.network import client_address


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as allauth does it, but no request sends mail: each one is a delivery, and no link lies in it."""

    def is_open_for_signup(self, request) -> bool:
        return False

    def get_client_ip(self, request) -> str:
        return client_address(request)

    def send_confirmation_mail(self, request, emailconfirmation, signup: bool) -> None:
        """The link is made when the mail is sent, from the key of the address."""
        address = emailconfirmation.email_address
        self._post("account.email_confirmation", address.email, {"email_address": address.pk})

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        purpose = template_prefix.replace("/email/", ".")
        if purpose not in NOTICES:
            # Better no mail than one that keeps a code or a link in the database.
            raise NotImplementedError(f"anso_portal.emails does not know how to write {template_prefix}.")
        told = ["ip", "user_agent", "timestamp", "from_email", "to_email", "deleted_email", "provider"]
        self._post(purpose, email, {key: str(context[key]) for key in told if context.get(key)})

    def _post(self, purpose: str, email: str, context: dict) -> None:
        post_mail(address=email, purpose=purpose, context={**context, "language": get_language()})
