"""What officers type about calls."""

import zoneinfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import ADMINISTRATOR, OFFICER
from proposals.models import Call, CallPart, Decision, LateCode, Proposal, Question
from proposals.models.call import known_zone
from toolkit.names import validate_plain_name

INSTANTS = ("opens_at", "closes_at", "internal_closes_at", "until")


def there(moment, zone: str):
    return timezone.make_naive(moment, zoneinfo.ZoneInfo(zone))


class ZonedForm(forms.ModelForm):
    """Instants are typed as the clocks show them in the call's own zone, whatever zone the officer is in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zone = getattr(self, "zone", None) or self.instance.zone or "UTC"
        for name in INSTANTS:
            if name not in self.fields:
                continue
            self.fields[name] = forms.CharField(
                label=self.fields[name].label,
                help_text=self.fields[name].help_text,
                required=self.fields[name].required,
                widget=forms.DateTimeInput({"type": "datetime-local"}),
            )
            if moment := getattr(self.instance, name):
                self.initial[name] = f"{there(moment, zone):%Y-%m-%dT%H:%M}"

    def clean_zone(self) -> str:
        known_zone(self.cleaned_data["zone"])  # before the instants are read in it
        return self.cleaned_data["zone"]

    def _instant(self, name: str, zone: str) -> None:
        text = self.cleaned_data.get(name)
        if not text:
            self.cleaned_data[name] = None
            return
        try:
            moment = forms.DateTimeField().to_python(text)
            assert moment is not None  # since there is a text
            if timezone.is_aware(moment):
                moment = timezone.make_naive(moment, timezone.get_current_timezone())
            self.cleaned_data[name] = moment.replace(tzinfo=zoneinfo.ZoneInfo(zone))
        except (ValidationError, ValueError, OverflowError):
            self.add_error(name, _("Write date and time as in 2027-03-31 17:00."))

    def clean(self):
        data = super().clean() or self.cleaned_data
        zone = data.get("zone") if "zone" in self.fields else getattr(self, "zone", None) or self.instance.zone
        for name in INSTANTS:
            if name in self.fields and name not in self.errors:
                if zone:
                    self._instant(name, zone)
                else:  # Nobody knows which instant was meant.
                    del self.cleaned_data[name]
        return self.cleaned_data


class CallForm(ZonedForm):
    class Meta:
        model = Call
        fields = [
            *("title", "code", "kind", "programme", "summary", "text", "themes"),
            *("zone", "zone_label", "opens_at", "closes_at", "internal_closes_at", "grace_minutes"),
            *("currency", "budget", "most_per_proposal", "first_stage", "rules"),
        ]
        widgets = {
            "title": forms.TextInput({"dir": "auto"}),
            "summary": forms.Textarea({"rows": 3, "dir": "auto"}),
            "text": forms.Textarea({"rows": 14, "dir": "auto"}),
            "themes": forms.CheckboxSelectMultiple,
            "rules": forms.Textarea({"rows": 8, "dir": "ltr", "spellcheck": "false"}),
        }
        help_texts = {
            "rules": gettext_lazy("A list of rules as the documentation of eligibility shows them; [] for none.")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["rules"].required = False
        others = Call.objects.exclude(pk=self.instance.pk).filter(first_stage__isnull=True).order_by("sort_key")
        self.fields["first_stage"].queryset = others

    def clean_rules(self):
        return self.cleaned_data["rules"] or []

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


class DeadlineForm(ZonedForm):
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=500, widget=forms.Textarea({"rows": 2, "dir": "auto"})
    )

    class Meta:
        model = Call
        fields = ["closes_at"]

    def clean(self):
        data = super().clean()
        if not data.get("closes_at") and "closes_at" not in self.errors:
            self.add_error("closes_at", _("Give the new deadline."))
        return data


class CircularForm(forms.Form):
    states = forms.MultipleChoiceField(
        label=gettext_lazy("To the lead persons of proposals that are"),
        choices=Proposal.State.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=200,
        validators=[validate_plain_name],
        widget=forms.TextInput({"dir": "auto"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=8000, widget=forms.Textarea({"rows": 10, "dir": "auto"})
    )


class LateCodeForm(ZonedForm):
    class Meta:
        model = LateCode
        fields = ["until", "note"]
        widgets = {"note": forms.TextInput({"dir": "auto"})}

    def __init__(self, *args, call: Call, **kwargs):
        self.zone = call.zone
        super().__init__(*args, **kwargs)

    def clean(self):
        data = super().clean()
        if not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Give the moment until which it is good."))
        return data


class CopyForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code of the new call"), max_length=16)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].upper()
        Call._meta.get_field("code").run_validators(code)
        if Call.objects.filter(code=code).exists():
            raise ValidationError(_("A call has this code already."))
        return code


class PartForm(forms.ModelForm):
    class Meta:
        model = CallPart
        fields = ["title", "hint", "position"]
        widgets = {"hint": forms.Textarea({"rows": 2, "dir": "auto"}), "title": forms.TextInput({"dir": "auto"})}


MOST_COLUMNS = 8


class QuestionForm(forms.ModelForm):
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("One a line: of a choice, what there is to choose from; of a table, its columns."),
    )

    class Meta:
        model = Question
        fields = ["label", "kind", "hint", "required", "most_words", "for_reviewers", "position", "choices"]
        widgets = {"hint": forms.Textarea({"rows": 2, "dir": "auto"}), "label": forms.TextInput({"dir": "auto"})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)

    def clean_kind(self) -> str:
        kind = self.cleaned_data["kind"]
        if self.instance.pk and kind != self.initial["kind"] and self.instance.answers.exists():
            raise ValidationError(_("Proposals have answered this question: its kind cannot change any more."))
        return kind

    def clean_choices(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip()]

    def clean(self):
        data = super().clean()
        if data.get("kind") == Question.Kind.TABLE and len(data.get("choices", [])) > MOST_COLUMNS:
            self.add_error("choices", _("A table has at most %(most)d columns.") % {"most": MOST_COLUMNS})
        return data


QuestionFormSet = forms.inlineformset_factory(CallPart, Question, QuestionForm, extra=2, max_num=40)


class OfficerForm(forms.Form):
    officer = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Officer"), empty_label=gettext_lazy("choose")
    )

    def __init__(self, *args, call: Call, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.active().holding(OFFICER, ADMINISTRATOR).exclude(calls_given__call=call)
        self.fields["officer"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]


class ManyDecisionsForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Decision.Outcome.choices, widget=forms.RadioSelect
    )
    proposals = forms.ModelMultipleChoiceField(
        queryset=Proposal.objects.none(),
        label=gettext_lazy("For these proposals"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, proposals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["proposals"].queryset = proposals
        self.fields["proposals"].label_from_instance = self._told

    @staticmethod
    def _told(proposal: Proposal) -> str:
        decision = getattr(proposal, "decision", None)
        words = [proposal.reference, str(proposal), str(decision.get_outcome_display()) if decision else ""]
        return " · ".join(filter(None, words))


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision"), choices=Decision.Outcome.choices, widget=forms.RadioSelect
    )
    feedback = forms.CharField(
        label=gettext_lazy("Feedback to the applicant"),
        required=False,
        max_length=8000,
        widget=forms.Textarea({"rows": 8, "dir": "auto"}),
        help_text=gettext_lazy("They read it when the decisions of the call are announced."),
    )
