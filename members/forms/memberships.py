"""What officers write down about applications and standings."""

from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.standings import NEXT, Standing
from members.models import Institution, Meeting
from toolkit.dates import format_date
from toolkit.web import WebField

NEW = "new"


class PlainForm(forms.Form):
    """A step of which there is nothing to say."""


class NoteForm(forms.Form):
    """A step that needs no words; they are kept with it if there are any."""

    reason = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("For the secretariat; the applicant does not see it."),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The applicant reads it."),
        max_length=2000,
        widget=forms.Textarea({"rows": 5, "dir": "auto"}),
    )


class QuestionForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Question"),
        help_text=gettext_lazy("The applicant reads it, and can answer on the page of the application."),
        max_length=5000,
        widget=forms.Textarea({"rows": 6, "dir": "auto"}),
    )


class AcceptForm(forms.Form):
    """Which institution this is, where the application describes one that may be known."""

    institution = forms.ChoiceField(label=gettext_lazy("Which institution is this?"), widget=forms.RadioSelect)

    def __init__(self, *args, alike: list[Institution], **kwargs):
        super().__init__(*args, **kwargs)
        self.alike = {str(one.pk): one for one in alike}
        described = [
            (key, " · ".join(filter(None, [one.name, one.acronym, one.city, one.country_id])))
            for key, one in self.alike.items()
        ]
        none = (NEW, _("None of these: make a record from the application"))
        cast(forms.ChoiceField, self.fields["institution"]).choices = [*described, none]
        if not alike:
            self.initial.setdefault("institution", NEW)

    def clean_institution(self) -> Institution | None:
        return self.alike.get(self.cleaned_data["institution"])


class MeetingFields(forms.Form):
    """A meeting that is known, or one that is written down with its first decision."""

    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label=gettext_lazy("Meeting"), required=False, empty_label=gettext_lazy("choose")
    )
    name = forms.CharField(
        label=gettext_lazy("Its name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As in “Governing Board 7”."),
        widget=forms.TextInput({"dir": "auto"}),
    )
    held_on = forms.DateField(
        label=gettext_lazy("Its day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    place = forms.CharField(
        label=gettext_lazy("Its place"), max_length=200, required=False, widget=forms.TextInput({"dir": "auto"})
    )

    body: str = ""
    is_needed = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        meetings = Meeting.objects.filter(body=self.body) if self.body else Meeting.objects.all()
        field = self.fields["meeting"]
        field.queryset = meetings.order_by("-held_on", "-pk")
        field.label_from_instance = lambda meeting: (
            f"{meeting.name}, {format_date(meeting.held_on, meeting.held_precision)}"
        )

    def clean(self):
        data = super().clean()
        known, name, day = data.get("meeting"), data.get("name"), data.get("held_on")
        if known and name:
            raise ValidationError(_("Choose a meeting from the list or name another one, not both."))
        if name and not day and "held_on" not in self.errors:
            self.add_error("held_on", _("Say on which day it is held."))
        if not known and not name and self.is_needed:
            self.add_error("meeting", _("Choose the meeting that decided."))
        if name and Meeting.objects.filter(body=self.new_body, name=name).exists():
            self.add_error("name", _("This meeting is in the list."))
        return data

    @property
    def new_body(self) -> str:
        return self.body

    def chosen_meeting(self) -> Meeting | None:
        """Unsaved where it is new: the action that records the decision saves it with it."""
        data = self.cleaned_data
        if data["meeting"] or not data["name"]:
            return data["meeting"]
        return Meeting(body=self.new_body, name=data["name"], held_on=data["held_on"], place=data["place"])


class EndorsementForm(MeetingFields):
    body = Meeting.Body.BOARD
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Public, beside the decision."),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
    )


class AdmissionForm(EndorsementForm):
    body = Meeting.Body.ASSEMBLY


class StandingForm(MeetingFields):
    """A decision on a standing without an application. Its day is its meeting's, or is given."""

    is_needed = False
    standing = forms.ChoiceField(label=gettext_lazy("New standing"), widget=forms.RadioSelect)
    starts_on = forms.DateField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Left empty, it is the day of the meeting."),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    new_meeting_body = forms.ChoiceField(
        label=gettext_lazy("Its body"), choices=[("", gettext_lazy("choose")), *Meeting.Body.choices], required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Public, beside the decision: where it is written down, or why."),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    source_url = WebField(label=gettext_lazy("Address of the source"), required=False, widget=forms.TextInput)

    def __init__(self, *args, now: str | None, **kwargs):
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["standing"]).choices = [
            (standing.value, standing_words(standing, now)) for standing in NEXT.get(now, ())
        ]

    @property
    def new_body(self) -> str:
        return self.cleaned_data.get("new_meeting_body", "")

    def clean(self):
        data = super().clean()
        if data.get("name") and not data.get("new_meeting_body"):
            self.add_error("new_meeting_body", _("Say whose meeting it is."))
        if not data.get("starts_on") and "starts_on" not in self.errors:
            meeting = data.get("meeting")
            data["starts_on"] = meeting.held_on if meeting else data.get("held_on")
            if not data["starts_on"]:
                self.add_error("starts_on", _("Say from which day, or which meeting decided."))
        return data


def standing_words(standing: str, now: str | None) -> str:
    """The decision as an officer would say it."""
    words = {
        Standing.OBSERVER: _("Becomes an observer"),
        Standing.SUSPENDED: _("Membership is suspended"),
        Standing.LEFT: _("Leaves the alliance"),
        Standing.PARTNER: _("Is no longer a candidate"),
        Standing.MEMBER: _("Returns as a member"),
    }
    return words.get(Standing(standing), str(Standing(standing).label))
