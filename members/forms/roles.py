"""Naming a deputy, handing over, ending a role; roles in the alliance."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import AllianceRole, User
from members.forms.invitation import email_field

SOMEBODY_ELSE = "invite"


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class ColleagueForm(forms.Form):
    """A colleague of the institution, or somebody by e-mail. `colleagues` are users who have a role there."""

    colleague = forms.ChoiceField(label=_("Who"), widget=forms.RadioSelect)
    email = email_field(
        label=_("E-mail address of somebody else"),
        required=False,
        help_text=_("Only if it is somebody else: the role begins when the invitation is accepted."),
    )

    def __init__(self, *args, colleagues: list[User], **kwargs):
        super().__init__(*args, **kwargs)
        self.colleagues = {str(user.pk): user for user in colleagues}
        choices = [(key, str(user)) for key, user in self.colleagues.items()]
        self.fields["colleague"].choices = [  # type: ignore[attr-defined]
            *choices,
            (SOMEBODY_ELSE, _("Somebody else, by e-mail")),
        ]
        if not choices:
            self.fields["colleague"].initial = SOMEBODY_ELSE

    def clean(self):
        data = super().clean()
        if data.get("colleague") == SOMEBODY_ELSE and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Give the address of the person to invite."))
        return data

    @property
    def chosen(self) -> User | None:
        """The colleague, or nothing where somebody is to be invited."""
        return self.colleagues.get(self.cleaned_data["colleague"])


class DeputyForm(ColleagueForm):
    starts_on = forms.DateField(label=_("First day of the absence"), widget=DayInput)
    ends_on = forms.DateField(label=_("Last day of the absence"), widget=DayInput)
    field_order = ["starts_on", "ends_on", "colleague", "email"]


class SuccessorForm(ColleagueForm):
    pass


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        help_text=_("The person is told."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )


class EndLastForm(EndForm):
    """The explicit act of the secretariat."""

    last_too = forms.BooleanField(label=_("The institution is to be without a focal point"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class AllianceRoleForm(forms.Form):
    """To an account that exists; administrators may know which do."""

    email = email_field(label=_("E-mail address of the account"))
    role = forms.ChoiceField(label=_("Role"), choices=AllianceRole.Role, widget=forms.RadioSelect)
    ends_on = forms.DateField(
        label=_("Last day"), required=False, widget=DayInput, help_text=_("Empty: until somebody ends it.")
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        self.user = User.objects.of_address(email)
        if self.user is None or not self.user.is_active:
            raise forms.ValidationError(_("There is no open account with this address. Invite the person by e-mail."))
        return email
