"""What is typed about training."""

from django import forms
from django.utils.translation import gettext_lazy as _

from centers.models import Center, Course, CourseSession
from toolkit.names import validate_plain_name

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class CourseForm(forms.ModelForm):
    class Meta:
        model = Course
        fields = ["center", "name", "description", "valid_months"]
        widgets = {
            "name": forms.TextInput({"dir": "auto"}),
            "description": forms.Textarea({"rows": 6, "dir": "auto", "maxlength": 4000}),
        }
        help_texts = {"description": _("What is learned, for whom it is, and what has to be known before.")}

    def __init__(self, *args, centers: list[Center], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_plain_name)
        self.fields["valid_months"].widget.attrs |= {"min": 1, "max": 120}
        if self.instance.pk:
            del self.fields["center"]
            return
        center = forms.ModelChoiceField(
            Center.objects.filter(pk__in=[one.pk for one in centers]).order_by("sort_key"),
            label=_("Center"),
            empty_label=None,
        )
        self.fields["center"] = center


class SessionForm(forms.ModelForm):
    class Meta:
        model = CourseSession
        fields = ["starts_on", "ends_on", "place", "places"]
        widgets = {"starts_on": DAY, "ends_on": DAY, "place": forms.TextInput({"dir": "auto"})}


class AttendanceForm(forms.Form):
    """A question for each participant who has no certificate yet."""

    ANSWERS = [("yes", _("was there")), ("no", _("was absent")), ("", _("not said yet"))]
    VALUES = {"yes": True, "no": False, "": None}

    def __init__(self, *args, participants, **kwargs):
        super().__init__(*args, **kwargs)
        spoken = {value: name for name, value in self.VALUES.items()}
        for one in participants:
            field = forms.ChoiceField(
                label=str(one),
                choices=self.ANSWERS,
                required=False,
                initial=spoken[one.attended],
                widget=forms.RadioSelect,
            )
            field.needed = True  # no word that it is optional: “not said yet” is an answer
            self.fields[f"participant-{one.pk}"] = field

    def attended(self) -> dict[int, bool | None]:
        return {int(name.rpartition("-")[2]): self.VALUES[value] for name, value in self.cleaned_data.items()}
