import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PeriodForm(forms.Form):
    """Whole days as the reader's clock has them, the last one included."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until, with this day"), widget=forms.DateInput(attrs={"type": "date"}))
    format = forms.ChoiceField(
        label=_("As"), choices=[("csv", _("CSV, for spreadsheets")), ("json", _("JSON, for programs"))]
    )

    def clean(self) -> dict:
        told = super().clean() or {}
        if told.get("since") and told.get("until") and told["until"] < told["since"]:
            self.add_error("until", _("This day is before the first one."))
        return told

    def period(self) -> tuple[datetime.datetime, datetime.datetime]:
        try:
            after = self.cleaned_data["until"] + datetime.timedelta(days=1)
        except OverflowError:
            after = self.cleaned_data["until"]
        return _midnight(self.cleaned_data["since"]), _midnight(after)


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
