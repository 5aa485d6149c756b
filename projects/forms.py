"""What is typed about reports and grants of projects."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.actions.reports import MOST, Schedule
from projects.models import Output, Report
from toolkit.names import normalise_doi, validate_plain_name
from toolkit.web import WebField

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


class RowForm(forms.Form):
    """One of many: an empty row is left out, and in another one all of `needed` is filled in."""

    needed: tuple[str, ...] = ()

    @property
    def is_row(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "") for name in self.fields)

    def clean(self):
        data = super().clean() or self.cleaned_data
        if any(data.get(name) not in (None, "") for name in self.fields):
            for name in self.needed:
                if data.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("Fill this in, or leave the whole row empty."))
        return data


class InstalmentForm(RowForm):
    needed = ("due_on", "amount")

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


InstalmentFormSet = forms.formset_factory(InstalmentForm, extra=2, max_num=40, validate_max=True, absolute_max=40)


class MilestoneForm(RowForm):
    needed = ("title", "due_on")

    title = forms.CharField(
        label=gettext_lazy("Milestone"), required=False, max_length=300, widget=forms.TextInput({"dir": "auto"})
    )
    due_on = forms.DateField(
        label=gettext_lazy("Planned for"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reached_on = forms.DateField(
        label=gettext_lazy("Reached on"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=500, widget=forms.TextInput({"dir": "auto"})
    )


class OutputForm(RowForm):
    needed = ("kind", "title")

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("choose")), *Output.Kind.choices]
    )
    title = forms.CharField(
        label=gettext_lazy("Title"), required=False, max_length=500, widget=forms.TextInput({"dir": "auto"})
    )
    doi = forms.CharField(label=gettext_lazy("DOI"), required=False, max_length=200)
    url = WebField(label=gettext_lazy("Address"), required=False)
    published_in = forms.IntegerField(label=gettext_lazy("Year"), required=False, min_value=1900, max_value=2200)

    def clean_doi(self) -> str:
        return normalise_doi(self.cleaned_data["doi"]) if self.cleaned_data["doi"] else ""


MilestoneFormSet = forms.formset_factory(MilestoneForm, extra=2, max_num=60, validate_max=True, absolute_max=60)
OutputFormSet = forms.formset_factory(OutputForm, extra=2, max_num=200, validate_max=True, absolute_max=200)
