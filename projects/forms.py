"""What is typed about reports of projects."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions.reports import MOST, Schedule
from projects.models import Report

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
