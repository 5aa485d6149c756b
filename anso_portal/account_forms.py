from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from django.utils.translation import get_language

from notifications.actions import post_mail


class ResetPasswordForm(AllauthResetPasswordForm):
    """Asks for a mail and looks nobody up: known or not, the same work. The writer of the mail finds out."""

    def clean_email(self) -> str:
        return self.cleaned_data["email"]

    def save(self, request, **kwargs) -> str:
        email = self.cleaned_data["email"].lower()
        post_mail(address=email, purpose="account.password_reset_key", context={"language": get_language()})
        return email
