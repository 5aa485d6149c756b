"""One row of a part that is rows: budget, team, work plan. An empty one is left out."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.models import BudgetLine
from toolkit.names import validate_plain_name


class RowForm(forms.Form):
    """`needed` are fields that a row must have, if it is one."""

    needed: tuple[str, ...] = ()
    partner = forms.TypedChoiceField(label=gettext_lazy("Institution"), coerce=int, required=False, empty_value=None)

    def __init__(self, *args, partners: list[tuple[int, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].choices = partners  # type: ignore[attr-defined]
        for name in self.needed:
            self.fields[name].needed = True  # type: ignore[attr-defined]


class LineForm(RowForm):
    """One line of the budget."""

    needed = ("partner", "category", "amount")
    category = forms.ChoiceField(label=gettext_lazy("Category"), choices=BudgetLine.Category.choices, required=False)
    label = forms.CharField(
        label=gettext_lazy("Purpose"), max_length=200, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
    )

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("label") and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", _("Give the amount, or leave the line empty."))
        if data.get("amount") is not None and not data.get("partner") and "partner" not in self.errors:
            self.add_error("partner", _("Choose the institution."))
        return data

    @property
    def is_row(self) -> bool:
        return self.cleaned_data.get("amount") is not None


LineFormSet = forms.formset_factory(LineForm, extra=3, max_num=200, validate_max=True, absolute_max=200)


class MemberForm(RowForm):
    needed = ("partner", "name")
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        validators=[validate_plain_name],
        widget=forms.TextInput({"dir": "auto"}),
    )
    task = forms.CharField(
        label=gettext_lazy("Task in the work"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"dir": "auto"}),
    )

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("task") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Give the name, or leave the row empty."))
        if data.get("name") and not data.get("partner") and "partner" not in self.errors:
            self.add_error("partner", _("Choose the institution."))
        return data

    @property
    def is_row(self) -> bool:
        return bool(self.cleaned_data.get("name"))


class PackageForm(RowForm):
    needed = ("title", "starts_on", "ends_on")
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=200, required=False, widget=forms.TextInput({"dir": "auto"})
    )
    result = forms.CharField(
        label=gettext_lazy("Result"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
    )
    starts_on = forms.DateField(
        label=gettext_lazy("First day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("title", "partner", "starts_on", "ends_on", "result")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].label = _("Led by")

    def clean(self):
        data = super().clean() or self.cleaned_data
        begun = any(data.get(name) for name in ("title", "result", "starts_on", "ends_on"))
        for name in self.needed if begun else ():
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Fill this in, or leave the whole row empty."))
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("It cannot end before it starts."))
        return data

    @property
    def is_row(self) -> bool:
        return bool(self.cleaned_data.get("title"))


MemberFormSet = forms.formset_factory(MemberForm, extra=3, max_num=100, validate_max=True, absolute_max=100)
PackageFormSet = forms.formset_factory(PackageForm, extra=2, max_num=60, validate_max=True, absolute_max=60)
