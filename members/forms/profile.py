"""The forms in which people write their own profile."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import visible
from members.models import Affiliation, Person
from toolkit.clock import database_today
from toolkit.dates import Precision, last_day, parse_partial_date
from toolkit.names import normalise_orcid, validate_plain_name
from toolkit.templatetags.portal import text_direction
from vocabularies.languages import language_names
from vocabularies.models import Theme

# Spoken most in the alliance; any other language can be added by name.
OFFERED_LANGUAGES = (
    "ar", "bn", "en", "es", "fa", "fr", "hi", "hu", "id", "kk", "lo", "mn", "ms", "my", "ne", "pt", "ru", "si", "sw", "th",
    "tr", "ur", "uz", "vi", "zh",
)  # fmt: skip
MOST_WORDS, MOST_NAMES, LONGEST_WORD, LONGEST_TEXT = 20, 12, 60, 5000
NAME = "name_"  # before the code of its language, in the name of a field


class ExpertiseField(forms.CharField):
    """Short words, one per line."""

    widget = forms.Textarea(attrs={"rows": 4, "dir": "auto"})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value) -> list[str]:  # type: ignore[override]
        lines = (" ".join(line.split()) for line in (super().to_python(value) or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: list[str]) -> None:
        if len(value) > MOST_WORDS:
            raise ValidationError(_("Name at most %(number)d fields.") % {"number": MOST_WORDS})
        for line in value:
            if len(line) > LONGEST_WORD:
                raise ValidationError(
                    _("“%(line)s…” is long: a field of work has at most %(number)d characters.")
                    % {"line": line[:30], "number": LONGEST_WORD}
                )
            validate_plain_name(line)

    def run_validators(self, value) -> None:
        """Those of a text mean nothing for a list; NUL is told already."""

    def clean(self, value):
        if "\x00" in (value or ""):
            raise ValidationError(_("Null characters are not allowed."))
        return super().clean(value)


class ProfileForm(forms.Form):
    """`person` is None before the first time. The names in other languages are fields of their own, one per language."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        validators=[validate_plain_name],
        help_text=gettext_lazy("As colleagues abroad read it, in Latin letters where you use them."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "name"}),
    )
    new_language = forms.ChoiceField(label=gettext_lazy("Add the name in another language"), required=False)
    new_name = forms.CharField(
        label=gettext_lazy("The name in it"),
        max_length=200,
        required=False,
        validators=[validate_plain_name],
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    expertise = ExpertiseField(
        label=gettext_lazy("Expertise"),
        required=False,
        help_text=gettext_lazy("What others may look for, one per line and short, as in “glacier lake floods”."),
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(), label=gettext_lazy("Themes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages in which you work"), required=False, widget=forms.CheckboxSelectMultiple
    )
    another_language = forms.ChoiceField(label=gettext_lazy("Another language"), required=False)
    orcid = forms.CharField(
        label=gettext_lazy("ORCID iD"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As in 0000-0002-1825-0097, or its address."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "inputmode": "text"}),
    )
    biography = forms.CharField(
        label=gettext_lazy("About you"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=gettext_lazy("In plain text; an empty line begins a paragraph."),
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )

    def __init__(self, data=None, *, person: Person | None, user):
        super().__init__(data, initial=initial_of(person, user))
        self.person = person
        names = language_names()
        every = sorted(names.items(), key=lambda pair: pair[1].casefold())
        choices = [("", _("– choose –")), *(pair for pair in every if len(pair[0]) == 2)]
        held = person.other_names if person else {}
        for code, value in held.items():
            self.fields[NAME + code] = self._name_field(code, names.get(code, code), value)
        self.fields["new_language"].choices = [pair for pair in choices if pair[0] not in held]  # type: ignore[attr-defined]
        self.fields["another_language"].choices = choices  # type: ignore[attr-defined]
        offered = {*OFFERED_LANGUAGES, *(person.languages if person else [])}
        shown = sorted(((code, names.get(code, code)) for code in offered), key=lambda pair: pair[1].casefold())
        self.fields["languages"].choices = shown  # type: ignore[attr-defined]
        self.fields["themes"].queryset = visible(Theme.objects.order_by("sort_key"), user)  # type: ignore[attr-defined]
        first = ["name", *(NAME + code for code in held), "new_language", "new_name", "expertise", "biography"]
        self.order_fields(first)

    def _name_field(self, code: str, language: str, value: str) -> forms.CharField:
        attrs = {"lang": code, "dir": text_direction(code), "autocomplete": "off"}
        return forms.CharField(
            label=_("Name in %(language)s") % {"language": language},
            max_length=200,
            required=False,
            initial=value,
            validators=[validate_plain_name],
            widget=forms.TextInput(attrs=attrs),
        )

    def clean_orcid(self) -> str | None:
        text = self.cleaned_data["orcid"]
        return normalise_orcid(text) if text else None

    def clean_biography(self) -> str:
        return "\n".join(self.cleaned_data["biography"].splitlines())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        language, name = values.get("new_language"), values.get("new_name")
        if name and not language and "new_language" not in self.errors:
            self.add_error("new_language", _("Choose the language of this name."))
        if language and not name and "new_name" not in self.errors:
            self.add_error("new_name", _("Write the name in this language."))
        translations = {
            field.removeprefix(NAME): text for field, text in values.items() if field.startswith(NAME) and text
        }
        if language and name:
            translations[language] = name
        if len(translations) > MOST_NAMES:
            self.add_error(None, _("Give your name in at most %(number)d languages.") % {"number": MOST_NAMES})
        values["translations"] = translations
        spoken = [*values.get("languages", []), values.get("another_language") or ""]
        values["languages"] = list(dict.fromkeys(filter(None, spoken)))
        return values


def initial_of(person: Person | None, user) -> dict[str, Any]:
    if person is None:
        return {"name": user.name, "languages": [user.language]}
    return {
        "name": person.name,
        "expertise": person.expertise,
        "themes": list(person.themes.values_list("pk", flat=True)),
        "languages": person.languages,
        "orcid": person.orcid,
        "biography": person.biography,
    }


class PartialDateField(forms.CharField):
    """ "2014", "2014-02" or "2014-02-28": as much as is known. Gives (day, precision)."""

    widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "placeholder": "2014-02"})

    def __init__(self, **options):
        super().__init__(max_length=10, **options)

    def clean(self, value):
        text = super().clean(value)
        try:
            return parse_partial_date(text)
        except ValueError:
            raise ValidationError(_("Write a date as 2014, 2014-02 or 2014-02-28.")) from None


class AffiliationForm(forms.Form):
    position = forms.CharField(
        label=gettext_lazy("Position"),
        max_length=200,
        required=False,
        validators=[validate_plain_name],
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "organization-title"}),
    )
    starts = PartialDateField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("As much as you know: 2014, 2014-02 or a day."),
    )
    ends = PartialDateField(
        label=gettext_lazy("Until"), required=False, help_text=gettext_lazy("Leave it empty while you work there.")
    )

    def __init__(self, data=None, *, own: Affiliation):
        self.own = own
        initial = {
            "position": own.position,
            "starts": partial(own.starts_on, own.starts_precision),
            "ends": partial(own.ends_on, own.ends_precision),
        }
        super().__init__(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        begun, ended = values.get("starts"), values.get("ends")
        if begun and begun[0] and begun[0] > database_today():
            self.add_error("starts", _("This day is still to come: add the affiliation when it has begun."))
        if begun and ended and begun[0] and ended[0] and last_day(*ended) < begun[0]:
            self.add_error("ends", _("An affiliation cannot end before it begins."))
        return values

    def filled(self) -> Affiliation:
        """The affiliation with what was typed; it goes on until the last day of the month or year that was named."""
        starts_on, starts_precision = self.cleaned_data["starts"]
        ends_on, ends_precision = self.cleaned_data["ends"]
        self.own.position = self.cleaned_data["position"]
        self.own.starts_on, self.own.starts_precision = starts_on, starts_precision
        self.own.ends_on, self.own.ends_precision = last_day(ends_on, ends_precision), ends_precision
        return self.own


def partial(day, precision: str) -> str:
    if day is None:
        return ""
    length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(Precision(precision), 10)
    return day.isoformat()[:length]
