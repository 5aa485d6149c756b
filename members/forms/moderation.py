"""What is said when changes are sent, and when they are decided."""

from typing import cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.changes import Verdict

ACCEPT, REFUSE = "accept", "refuse"


class SendForm(forms.Form):
    use_required_attribute = False
    note = forms.CharField(
        label=gettext_lazy("For the officer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("Where can it be read? A page of yours, or a letter, makes it quick."),
    )


class VerdictForm(forms.Form):
    use_required_attribute = False
    verdict = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        widget=forms.RadioSelect,
        choices=[(ACCEPT, gettext_lazy("Accept")), (REFUSE, gettext_lazy("Do not accept"))],
        error_messages={"required": gettext_lazy("Accept it, or do not accept it.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=gettext_lazy("Needed where it is not accepted; the person who proposed it reads it."),
    )

    def __init__(self, *args, live: bool = False, **options):
        super().__init__(*args, **options)
        if live:
            verdict = cast(forms.ChoiceField, self.fields["verdict"])
            verdict.choices = [(ACCEPT, _("Leave it as it is")), (REFUSE, _("Take it back"))]

    def clean(self):
        data = super().clean()
        if data.get("verdict") == REFUSE and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why it is not accepted."))
        return data

    @property
    def decided(self) -> Verdict:
        return Verdict(self.cleaned_data["verdict"] == ACCEPT, self.cleaned_data["reason"])
