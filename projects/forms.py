"""What is typed about reports and grants of projects."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions.reports import MOST, Schedule
from projects.models import Report
from toolkit.names import validate_plain_name

LONGEST = 20_000


class ScheduleForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Report.Kind.choices)
    first = forms.DateField(label=gettext_lazy("Due on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    count = forms.IntegerField(label=gettext_lazy("How many"), min_value=1, max_value=MOST, initial=1)
    months = forms.IntegerField(
        label=gettext_lazy("Months between them"), min_value=1, max_value=60, initial=12, required=False
    )
    wish = forms.CharField(
        label=gettext_lazy("What you ask to read of"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )

    def schedule(self) -> Schedule:
        data = self.cleaned_data
        return Schedule(data["kind"], data["first"], data["count"], data["months"] or 12, data["wish"])


class ReportForm(forms.Form):
    public_text = forms.CharField(
        label=gettext_lazy("For the public"),
        help_text=gettext_lazy(
            "What was done and found, for readers of other fields. It stands on the page of the project."
        ),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 12, "dir": "auto"}),
    )
    private_text = forms.CharField(
        label=gettext_lazy("For the alliance alone"),
        help_text=gettext_lazy("Difficulties, money, what you need."),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class JudgeForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("What becomes of it"),
        choices=[("accept", gettext_lazy("Accept it")), ("return", gettext_lazy("Return it for changes"))],
        widget=forms.RadioSelect,
    )

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("verdict") == "return" and not data.get("answer", "").strip():
            self.add_error("answer", ValidationError(_("Say what is to be changed.")))
        return data


class GrantForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Number of the agreement"), max_length=60, validators=[validate_plain_name]
    )
    signed_on = forms.DateField(
        label=gettext_lazy("Signed on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    currency = forms.RegexField(
        label=gettext_lazy("Currency"),
        regex=r"^[A-Z]{3}$",
        error_messages={"invalid": gettext_lazy("Three capital letters, as in EUR.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3, "dir": "auto"})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class InstalmentForm(forms.Form):
    """An empty row is left out."""

    due_on = forms.DateField(
        label=gettext_lazy("Due on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"), required=False, min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    condition = forms.CharField(
        label=gettext_lazy("Condition"), required=False, max_length=200, widget=forms.TextInput({"dir": "auto"})
    )
    paid_on = forms.DateField(
        label=gettext_lazy("Paid on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    @property
    def is_row(self) -> bool:
        return self.cleaned_data.get("amount") is not None

    def clean(self):
        data = super().clean() or self.cleaned_data
        if any(data.get(name) for name in ("due_on", "amount", "condition", "paid_on")):
            for name in ("due_on", "amount"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Fill this in, or leave the whole row empty."))
        return data


InstalmentFormSet = forms.formset_factory(InstalmentForm, extra=2, max_num=40, validate_max=True, absolute_max=40)
