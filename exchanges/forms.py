"""What is typed about stays."""

from django import forms
from django.utils.translation import gettext_lazy as _

from exchanges.models import Stay
from projects.models import Project


class StayForm(forms.ModelForm):
    class Meta:
        model = Stay
        fields = ["starts_on", "ends_on", "purpose", "project", "asks"]
        widgets = {
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "purpose": forms.Textarea({"rows": 8, "dir": "auto", "maxlength": 6000}),
        }
        help_texts = {"purpose": _("What you want to do there, with whom, and what will come of it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on", "purpose"):
            self.fields[name].needed = True  # a draft may lack it, and a submission not
        stay = self.instance
        both = Project.objects.filter(
            published_at__isnull=False, participations__institution__in=[stay.home_id, stay.host_id]
        )
        self.fields["project"].queryset = both.distinct()
        self.fields["project"].empty_label = _("none")
        programme = stay.offer.programme
        if programme is None:
            del self.fields["asks"]
        else:
            self.fields["asks"].help_text = _("In %(currency)s.") % {"currency": programme.currency}

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | {"applicant"}


class AnswerForm(forms.Form):
    agrees = forms.TypedChoiceField(
        label=_("Does your institution agree?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Comment"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3, "dir": "auto"})
    )

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("agrees") is False and not data.get("comment", "").strip():
            self.add_error("comment", _("Say why."))
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=1000, widget=forms.Textarea({"rows": 3, "dir": "auto"}))


class ReportForm(forms.Form):
    text = forms.CharField(
        label=_("What came of the stay"),
        required=False,
        max_length=12000,
        widget=forms.Textarea({"rows": 12, "dir": "auto"}),
        help_text=_("For the host and the alliance: what you did, with whom, and what goes on."),
    )


class JudgeForm(forms.Form):
    answer = forms.CharField(
        label=_("Your answer"), required=False, max_length=4000, widget=forms.Textarea({"rows": 4, "dir": "auto"})
    )


class LetterFileForm(forms.Form):
    file = forms.FileField(label=_("The letter as a file"), widget=forms.FileInput({"accept": ".pdf"}))

    LARGEST = 5 << 20

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > self.LARGEST:
            raise forms.ValidationError(_("This is larger than a letter can be."))
        return file
