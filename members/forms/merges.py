from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members.merging import Plan
from members.merging.fields import GONE, KEPT, FieldChoice


class MergeForm(forms.Form):
    """For each field in which the two records differ, which of them is right; and why they are one."""

    reason = forms.CharField(
        label=_("Why they are one institution"),
        help_text=_("The people of both read this, and it stays in the history."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
    token = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, plan: Plan, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan = plan
        for choice in plan.fields:
            self.fields[self.name_of(choice)] = forms.ChoiceField(
                label=choice.label,
                choices=[(KEPT, _shown(choice.kept_text, _("stays"))), (GONE, _shown(choice.gone_text, _("goes")))],
                initial=choice.default,
                widget=forms.RadioSelect,
            )
        self.order_fields([*map(self.name_of, plan.fields), "reason", "token"])

    def name_of(self, choice: FieldChoice) -> str:
        return f"field-{choice.name}"

    @property
    def of_fields(self) -> list:
        return [self[self.name_of(choice)] for choice in self.plan.fields]

    @property
    def choices(self) -> dict[str, str]:
        return {choice.name: self.cleaned_data[self.name_of(choice)] for choice in self.plan.fields}


def _shown(text: str, record) -> str:
    return format_html('<span><bdi>{}</bdi> <span class="muted small">({})</span></span>', text or "–", record)


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Why they are two after all"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )
