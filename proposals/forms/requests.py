"""What applicants ask of the alliance before their institutions can sign, and what officers answer."""

from django import forms
from django.utils.translation import gettext_lazy as _

from proposals.forms.proposals import FURTHER_ROLES, LONGEST_CONTRIBUTION, not_too_long
from proposals.models import InstitutionRequest, Signatory
from toolkit.names import validate_plain_name

REFUSE = forms.Textarea({"rows": 3, "dir": "auto", "maxlength": 1000})


class InstitutionRequestForm(forms.ModelForm):
    class Meta:
        model = InstitutionRequest
        fields = ["name", "country", "website", "role", "contribution"]
        widgets = {
            "name": forms.TextInput({"dir": "auto"}),
            "contribution": forms.Textarea({"rows": 5, "dir": "auto", "maxlength": LONGEST_CONTRIBUTION}),
        }
        help_texts = {
            "name": _("In its own words, as on its website."),
            "contribution": _("Its own part: people, facilities, work. This is what it confirms."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_plain_name)
        self.fields["role"].choices = FURTHER_ROLES

    def clean_contribution(self) -> str:
        return not_too_long(self.cleaned_data["contribution"], LONGEST_CONTRIBUTION)


class SignatoryForm(forms.ModelForm):
    class Meta:
        model = Signatory
        fields = ["name", "position", "email"]
        widgets = {name: forms.TextInput({"dir": "auto"}) for name in ("name", "position")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_plain_name)


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Why not?"), max_length=1000, widget=REFUSE, help_text=_("The applicants read it.")
    )
