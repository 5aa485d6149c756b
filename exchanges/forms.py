"""What is typed about offers and stays."""

import datetime
import zoneinfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from centers.models import Center, Course
from exchanges.models import Offer, Stay
from projects.models import Project
from toolkit.names import validate_plain_name


class DeadlineForm(forms.ModelForm):
    """The deadline is typed as the clocks show it in the offer's own time zone, whatever zone the reader is in."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.apply_by:
            zone = zoneinfo.ZoneInfo(self.instance.apply_by_zone)
            self.initial["apply_by"] = timezone.make_naive(self.instance.apply_by, zone)

    def _get_validation_exclusions(self):
        # Nobody types these, yet rules of the offer ask for them.
        return super()._get_validation_exclusions() - {"state", "places_taken", "starts_on"}

    def clean_apply_by_zone(self) -> str:
        name = self.cleaned_data["apply_by_zone"]
        if name not in zoneinfo.available_timezones():
            raise ValidationError(_("“%(name)s” is no time zone, as in Asia/Karachi.") % {"name": name})
        return name

    def _clean_fields(self) -> None:
        with timezone.override(datetime.UTC):  # A time that the reader's own zone skips is one all the same.
            super()._clean_fields()  # type: ignore[misc]

    def clean(self):
        data = super().clean() or self.cleaned_data
        if data.get("apply_by") and data.get("apply_by_zone"):
            data["apply_by"] = data["apply_by"].replace(tzinfo=zoneinfo.ZoneInfo(data["apply_by_zone"]))
        return data


def courses_at(offer: Offer) -> list[Course]:
    """What its center gives, or the centers that its institution hosts."""
    at = Q(center=offer.center_id) if offer.center_id else Q(center__in=Center.objects.hosted_by(offer.institution_id))
    return list(Course.objects.filter(at).order_by("name"))


DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class OfferForm(DeadlineForm):
    """By people of the host. What those who have applied rely on stays as it is once the offer is open."""

    CHANGEABLE = ("description", "paid", "city", "places", "apply_by", "apply_by_zone", "themes")

    class Meta:
        model = Offer
        fields = [
            *("title", "kind", "programme", "country", "city", "description", "paid", "places"),
            *("starts_on", "ends_on", "apply_by", "apply_by_zone", "themes", "eligible_countries", "trainings"),
        ]
        labels = {"title": _("Title"), "apply_by_zone": _("in the time zone")}
        help_texts = {
            "description": _("What the guests do, with whom, and what they should bring along."),
            "paid": _("Travel, lodging, a stipend: what the host or the programme pays, and what the guests do."),
            "programme": _("Its rules hold for the stays. None: home and host decide."),
            "apply_by": _("As the clocks show it in the time zone below."),
            "eligible_countries": _("None chosen: all. Several: hold Ctrl, or Cmd on a Mac."),
            "apply_by_zone": "",
        }
        widgets = {
            "title": forms.TextInput({"dir": "auto"}),
            "city": forms.TextInput({"dir": "auto"}),
            "description": forms.Textarea({"rows": 8, "dir": "auto"}),
            "paid": forms.Textarea({"rows": 4, "dir": "auto"}),
            "starts_on": DAY,
            "ends_on": DAY,
            "apply_by": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "apply_by_zone": forms.Select,
            "themes": forms.CheckboxSelectMultiple,
            "eligible_countries": forms.SelectMultiple({"size": 6}),
            "trainings": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].validators.append(validate_plain_name)
        zones = sorted(zoneinfo.available_timezones())
        self.fields["apply_by_zone"].widget.choices = [(name, name.replace("_", " ")) for name in zones]
        self.fields["programme"].empty_label = _("none")
        for name in ("places", "starts_on", "apply_by"):
            self.fields[name].needed = True  # a draft may lack it, and an open offer not
        courses = courses_at(self.instance)
        if courses:
            self.fields["trainings"].queryset = Course.objects.filter(pk__in=[one.pk for one in courses])
        else:
            del self.fields["trainings"]
        if self.instance.state != Offer.State.DRAFT:
            for name in set(self.fields) - set(self.CHANGEABLE):
                del self.fields[name]


class CapacityForm(forms.Form):
    guests = forms.IntegerField(
        label=_("Guests at the same time"),
        min_value=1,
        max_value=9999,
        required=False,
        help_text=_(
            "In all offers together. A stay that is one too many is shown before it is approved. Empty: no limit."
        ),
    )


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
