"""How a reader wants to be told."""

import zoneinfo

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications import kinds
from notifications.following import Chosen, rhythms_of
from notifications.models import Preference, Subscriber
from notifications.texts import check
from toolkit.addresses import one_spelling

CLOCK = forms.TimeInput({"type": "time"}, format="%H:%M")


class RhythmsForm(forms.Form):
    """A rhythm of mail and a place in the inbox for each area of events. An address alone has no inbox, and hears of news only."""

    quiet_from = forms.TimeField(label=_("from"), required=False, widget=CLOCK)
    quiet_until = forms.TimeField(label=_("until"), required=False, widget=CLOCK)

    def __init__(self, data=None, *, subscriber: Subscriber | None, chosen: Chosen, alone: bool = False):
        quiet = {"quiet_from": subscriber.quiet_from, "quiet_until": subscriber.quiet_until} if subscriber else {}
        super().__init__(data, initial=quiet)
        self.areas = [area for area in kinds.areas() if not (alone and area.mandatory)]
        self.alone = alone
        rhythms = rhythms_of(chosen)
        for area in self.areas:
            email, inbox = rhythms[area.name]
            self.fields[f"email_{area.name}"] = forms.ChoiceField(
                label=str(area.label), choices=Preference.Rhythm.choices, initial=email
            )
            if not alone and not area.mandatory:
                self.fields[f"inbox_{area.name}"] = forms.BooleanField(
                    label=str(area.label), required=False, initial=inbox != Preference.Rhythm.OFF
                )
        if alone and subscriber:
            names = sorted(zoneinfo.available_timezones())
            self.fields["time_zone"] = forms.ChoiceField(
                label=_("Time zone"),
                choices=[(name, name.replace("_", " ")) for name in names],
                initial=subscriber.current_time_zone,
            )

    def rows(self):
        """For each area: what it is called, its rhythm, and its place in the inbox where that can be chosen."""
        for area in self.areas:
            inbox = f"inbox_{area.name}"
            yield area.label, self[f"email_{area.name}"], self[inbox] if inbox in self.fields else None

    def clean(self):
        cleaned = super().clean()
        begin, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        if (begin is None) != (end is None) and not self.errors:
            missing = "quiet_from" if begin is None else "quiet_until"
            self.add_error(missing, _("Give both, or leave both empty."))
        elif begin is not None and begin == end:
            self.add_error("quiet_until", _("This is when they begin. Choose “never” to get no mail at all."))
        return cleaned

    def chosen(self) -> dict:
        """What `following.choose` takes."""
        given = self.cleaned_data
        rhythm = {True: Preference.Rhythm.NOW, False: Preference.Rhythm.OFF}
        return {
            "email": {area.name: given[f"email_{area.name}"] for area in self.areas},
            "inbox": {name[6:]: rhythm[given[name]] for name in self.fields if name.startswith("inbox_")},
            "quiet": (given["quiet_from"], given["quiet_until"]) if given["quiet_from"] is not None else None,
        }


class TextForm(forms.Form):
    subject = forms.CharField(
        label=_("Line in the inbox, and subject of the mail"), max_length=200, widget=forms.TextInput({"dir": "auto"})
    )
    sentence = forms.CharField(
        label=_("First sentence of the mail"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args, kind: kinds.Kind, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_sentence(self) -> str:
        return self._checked("sentence")

    def _checked(self, name: str) -> str:
        check(self.kind, self.cleaned_data[name])
        return self.cleaned_data[name]


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput({"autocomplete": "email", "dir": "ltr"})
    )

    def clean_email(self) -> str:
        spelled = one_spelling(self.cleaned_data["email"])
        if spelled is None:
            raise forms.ValidationError(_("Write the address in plain letters, as in ada@example.org."))
        return spelled
