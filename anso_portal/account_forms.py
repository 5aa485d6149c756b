"""The forms of sign-in, in the words of the portal; what they do is allauth's, or stands in `entrance`."""

import zoneinfo
from dataclasses import replace

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.fields import EmailField, SetPasswordField
from allauth.account.utils import get_next_redirect_url
from allauth.core import context, ratelimit
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from allauth.socialaccount import forms as social_forms
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from anso_portal import entrance
from anso_portal.joining import is_own
from members.actions.invitations import kept_invitation
from notifications.actions import post_mail
from toolkit.addresses import one_spelling
from toolkit.names import validate_plain_name

GOOD_PASSWORD = _("At least 12 characters; a few words that do not belong together do well.")
ADDRESS = _("E-mail address")
CODE = _("Code")


class InOurWords:
    """A label stands above each field, and stays when something is typed."""

    words: dict = {}
    hints: dict = {}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, EmailField):
                field.label = ADDRESS
            if isinstance(field, SetPasswordField):
                field.help_text = GOOD_PASSWORD
            field.label = self.words.get(name, field.label)
            field.help_text = self.hints.get(name, field.help_text)


class LoginForm(InOurWords, allauth_forms.LoginForm):
    words = {"password": _("Password")}
    hints = {"password": ""}


class AddEmailForm(InOurWords, allauth_forms.AddEmailForm):
    pass


class ChangePasswordForm(InOurWords, allauth_forms.ChangePasswordForm):
    words = {
        "oldpassword": _("Your password of now"),
        "password1": _("The new password"),
        "password2": _("The new password once more"),
    }


class SetPasswordForm(InOurWords, allauth_forms.SetPasswordForm):
    words = {"password1": _("The new password"), "password2": _("The new password once more")}


class ResetPasswordKeyForm(InOurWords, allauth_forms.ResetPasswordKeyForm):
    words = SetPasswordForm.words


class ReauthenticateForm(InOurWords, allauth_forms.ReauthenticateForm):
    words = {"password": _("Password")}


class ConfirmAddressForm(InOurWords, allauth_forms.ConfirmEmailVerificationCodeForm):
    words = {"code": CODE}


class GuessingShows(InOurWords):
    """A wrong code is written down like a wrong password: whoever tries many shows in the log."""

    user: User
    words = {"code": CODE}

    def _emit_authentication_failed(self, authenticator) -> None:
        get_adapter().authentication_failed(context.request, email=self.user.email)


class SecondFactorForm(GuessingShows, mfa_forms.AuthenticateForm):
    pass


class ConfirmSecondFactorForm(GuessingShows, mfa_forms.ReauthenticateForm):
    pass


class ActivateAppForm(InOurWords, totp_forms.ActivateTOTPForm):
    words = {"code": _("The code that the app shows")}


class AddPasskeyForm(InOurWords, webauthn_forms.AddWebAuthnForm):
    words = {"name": _("What you call it"), "passwordless": _("It signs me in alone, without a password")}
    hints = {"passwordless": _("The phone, computer or key then asks for your finger, your face or a PIN.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class SignupPasskeyForm(InOurWords, webauthn_forms.SignupWebAuthnForm):
    words = {"name": _("What you call it")}


class EditPasskeyForm(InOurWords, webauthn_forms.EditWebAuthnForm):
    words = {"name": _("What you call it")}


class ResetPasswordForm(InOurWords, allauth_forms.ResetPasswordForm):
    """Asks for a mail and looks nobody up: known or not, the same work. The writer of the mail finds out."""

    def clean_email(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["email"])

    def save(self, request, **kwargs) -> str:
        email = self.cleaned_data["email"]
        post_mail(address=email, purpose="account.password_reset_key", context={"language": get_language()})
        return email


class WaitsForTheCode(InOurWords):
    """Makes no account: that waits until the code which goes to the address is typed. Known or not, the same work."""

    cleaned_data: dict
    words = {"email": ADDRESS, "password1": _("Password")}
    hints = {
        "password1": _(
            "At least 12 characters; a few words that do not belong together do well. "
            "Without one we send you a code whenever you sign in."
        )
    }

    def __init__(self, *args, **kwargs):
        """Whoever followed an invitation need not type its address, which is proved by the code like any other."""
        super().__init__(*args, **kwargs)
        if invitation := kept_invitation(context.request.session):
            self.fields["email"].initial = invitation.email
            self.fields["name"].initial = invitation.name

    def validate_unique_email(self, value: str) -> str:
        return value

    def newcomer(self) -> entrance.Newcomer:
        return entrance.Newcomer(name=self.cleaned_data["name"])

    def try_save(self, request):
        """What allauth makes of it: no user yet, and where to go on."""
        email = self.cleaned_data["email"]
        if refused := ratelimit.consume_or_429(request, action="request_login_code", key=email):
            return None, refused
        next_url = get_next_redirect_url(request) or ""
        entrance.begin(request, email=email, next_url=next_url, newcomer=self.newcomer())
        return None, redirect("account_confirm_login_code")


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Your name"),
        max_length=200,
        validators=[validate_plain_name],
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )


class SignupForm(WaitsForTheCode, allauth_forms.SignupForm):
    name = name_field()
    field_order = ("name", "email", "password1")

    def newcomer(self) -> entrance.Newcomer:
        password = self.cleaned_data.get("password1")
        return replace(
            super().newcomer(), password=make_password(password) if password else "", by_passkey=self.by_passkey
        )


class ProviderSignupForm(WaitsForTheCode, social_forms.SignupForm):
    """For the first time with an account of ORCID or the like; the address is asked as of anybody."""

    name = name_field()
    field_order = ("name", "email")

    def newcomer(self) -> entrance.Newcomer:
        account = self.sociallogin.account
        return replace(super().newcomer(), provider=account.provider, uid=account.uid)


class RequestCodeForm(InOurWords, forms.Form):
    email = EmailField()

    def clean_email(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["email"])


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false", "dir": "ltr"}
        ),
    )


class SettingsForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Dates and deadlines are shown in it."))

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]
        labels = {"name": _("Your name")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["time_zone"].choices = [
            (name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())
        ]


class JoinForm(InOurWords, forms.Form):
    """Whether anybody has the address is not asked here."""

    words = {"email": _("E-mail address of your other account")}
    email = EmailField()

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email = get_adapter().clean_email(self.cleaned_data["email"])
        if is_own(email, self.user):
            raise ValidationError(gettext("This address is in your account already."))
        return email


class JoinForOthersForm(forms.Form):
    """The account that stays; an administrator may know who has one."""

    kept = forms.CharField(
        label=_("E-mail address of the account that stays"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, closed: User, **kwargs):
        self.closed = closed
        super().__init__(*args, **kwargs)

    def clean_kept(self) -> User:
        kept = User.objects.filter(email=one_spelling(self.cleaned_data["kept"]) or "", is_active=True).first()
        if kept is None:
            raise ValidationError(gettext("No open account has this as its main address."))
        if kept == self.closed:
            raise ValidationError(gettext("This is the address of the account itself."))
        return kept


class EraseForm(forms.Form):
    """Typing the address takes a moment in which one may think again."""

    email = forms.CharField(
        label=_("The e-mail address of the account"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email.strip().lower() != self.user.email.lower():
            raise ValidationError(gettext("This is not the address of the account."))
        return email
