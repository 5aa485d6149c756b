"""What somebody types to invite one person."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.models import Invitation
from toolkit.addresses import one_spelling
from toolkit.names import validate_plain_name


class AddressField(forms.EmailField):
    def clean(self, value):
        """In the one spelling that accounts have."""
        value = super().clean(value)
        address = one_spelling(value) if value else value
        if address is None:
            raise forms.ValidationError(_("Write the address in plain letters, as in ada@example.org."))
        return address


def email_field(**kwargs) -> forms.EmailField:
    return AddressField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}), **kwargs
    )


class InvitationForm(forms.Form):
    """`roles` are those that this person may offer here."""

    email = email_field(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=200,
        validators=[validate_plain_name],
        help_text=_("For the greeting of the mail."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), required=False)

    def __init__(self, *args, roles, **kwargs):
        super().__init__(*args, **kwargs)
        labels = dict(Invitation.ROLES)
        self.fields["role"].choices = [(role, labels[role]) for role in roles]
        if len(settings.LANGUAGES) > 1:
            self.fields["language"].choices = [("", "–"), *settings.LANGUAGES]
        else:
            del self.fields["language"]
