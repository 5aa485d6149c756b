"""What an institution answers when it applies to join."""

import uuid
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, to_locale
from django.utils.translation import gettext as _

from members.models import Institution, MembershipApplication
from toolkit.names import normalise_ror, sort_key, validate_plain_name
from toolkit.web import WebField
from vocabularies.countries import country_names
from vocabularies.models import Country

ABOUT_INSTITUTION = ("name", "language", "acronym", "kind", "country", "city", "website", "ror")
CONTACT = ("contact_name", "contact_position", "contact_email")
FOCAL_POINT = ("focal_name", "focal_email")
REASONS = ("motivation", "contribution")
CONSENT = ("consents",)
REQUIRED = ("name", "language", "kind", "country", "city", *CONTACT, "motivation", "consents")
PLAIN = ("name", "acronym", "city", "contact_name", "contact_position", "focal_name")


def sorted_choices(names: dict[str, str]) -> list[tuple[str, str]]:
    return [("", _("choose")), *sorted(names.items(), key=lambda pair: sort_key(pair[1]))]


@lru_cache(maxsize=32)
def language_names(reader: str) -> dict[str, str]:
    """The languages with a code of two letters, as the reader calls them."""
    try:
        locale = Locale.parse(to_locale(reader))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    return {code: name for code, name in locale.languages.items() if len(code) == 2}


class ApplicationForm(forms.ModelForm):
    """Only what is not known yet is asked: a known institution is not described, an account has its own address.

    A draft may lack answers, but none of them may be wrong.
    """

    language = forms.ChoiceField(
        label=gettext_lazy("Language of this name"),
        choices=lambda: sorted_choices(language_names(get_language() or "en")),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=lambda: [("", _("choose")), *Institution.Kind.choices])
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=lambda: sorted_choices(country_names()))
    ror = forms.CharField(
        label=gettext_lazy("ROR id"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("As in 05qrfxd25, or its address at ror.org."),
    )
    website = WebField(label=gettext_lazy("Website"), required=False, widget=forms.TextInput)
    consents = forms.BooleanField(
        label=gettext_lazy("I agree that the secretariat keeps these answers to decide on the application."),
        error_messages={"required": gettext_lazy("Without this the secretariat may not read the application.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    # People do not see this field; programs that fill in every field give themselves away.
    homepage = forms.CharField(required=False, label=gettext_lazy("Leave this empty"))

    class Meta:
        model = MembershipApplication
        fields = [*ABOUT_INSTITUTION, *CONTACT, *FOCAL_POINT, *REASONS, *CONSENT]
        labels = {
            "name": gettext_lazy("Name"),
            "acronym": gettext_lazy("Acronym"),
            "city": gettext_lazy("City"),
            "contact_name": gettext_lazy("Your name"),
            "contact_position": gettext_lazy("Your position"),
            "contact_email": gettext_lazy("Your e-mail address"),
            "focal_name": gettext_lazy("Name"),
            "focal_email": gettext_lazy("E-mail address"),
            "motivation": gettext_lazy("Why does the institution want to join?"),
            "contribution": gettext_lazy("What can it bring?"),
        }
        help_texts = {
            "name": gettext_lazy("As the institution writes it; further names can be added later."),
            "contact_email": gettext_lazy("A link to confirm it is sent there, and news of the application."),
            "contribution": gettext_lazy("Fields of work, facilities, people, experience with partners abroad."),
        }
        widgets = {
            "name": forms.TextInput({"dir": "auto"}),
            "acronym": forms.TextInput({"dir": "auto"}),
            "city": forms.TextInput({"dir": "auto"}),
            "contact_name": forms.TextInput({"autocomplete": "name", "dir": "auto"}),
            "contact_position": forms.TextInput({"autocomplete": "organization-title", "dir": "auto"}),
            "contact_email": forms.EmailInput({"autocomplete": "email"}),
            "focal_name": forms.TextInput({"dir": "auto"}),
            "motivation": forms.Textarea({"rows": 7, "dir": "auto"}),
            "contribution": forms.Textarea({"rows": 5, "dir": "auto"}),
        }

    is_to_fill_in = True

    def __init__(self, *args, institution: Institution | None, user, lenient: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.institution, self.user = institution, user
        self.known: Institution | None = None  # who has the ROR id that was typed
        if institution:
            for name in ABOUT_INSTITUTION:
                del self.fields[name]
        if user.is_authenticated:
            del self.fields["contact_email"], self.fields["homepage"]
        for name, field in self.fields.items():
            field.required = name in REQUIRED and not lenient
            if name in PLAIN:
                field.validators.append(validate_plain_name)
        self.initial.setdefault("key", uuid.uuid4().hex)

    def sections(self) -> list[tuple[str, str, list]]:
        """(heading, a line below it, fields), for the page."""
        you = _("You") if self.is_to_fill_in else _("Who applies")
        named = [
            (_("The institution"), "", ABOUT_INSTITUTION),
            (you, _("Whom the secretariat asks, and who hears of each step."), CONTACT),
            (
                _("The focal point"),
                _("Who will act for the institution in the portal, if that is somebody else. Invited on admission."),
                FOCAL_POINT,
            ),
            (_("The application"), "", REASONS),
            (_("Consent"), "", CONSENT),
        ]
        found = [
            (heading, line, [self[name] for name in names if name in self.fields]) for heading, line, names in named
        ]
        return [section for section in found if section[2]]

    def answers(self) -> list[tuple[str, str]]:
        """What makes one application differ from another; it becomes part of its key."""
        return [(name, str(value)) for name, value in sorted(self.cleaned_data.items()) if name != "homepage"]

    def clean_ror(self) -> str | None:
        text = self.cleaned_data["ror"]
        if not text:
            return None
        ror = normalise_ror(text)
        self.known = Institution.objects.filter(ror=ror).first()
        if self.known:
            raise ValidationError(
                _("This is the ROR id of %(institution)s, which the portal knows."),
                code="known",
                params={"institution": self.known.name},
            )
        return ror

    def clean_country(self) -> Country | None:
        code = self.cleaned_data["country"]
        if not code:
            return None
        country = Country.objects.filter(pk=code).first()
        if country is None:
            raise ValidationError(_("Choose another country: the portal does not know this one."))
        return country

    def clean(self):
        data = super().clean()
        for given, missing in (FOCAL_POINT, FOCAL_POINT[::-1]):
            if data.get(given) and not data.get(missing) and missing not in self.errors:
                self.add_error(missing, _("Give both the name and the address of the focal point, or neither."))
        return data

    def save(self, commit: bool = True) -> MembershipApplication:
        self.instance.institution = self.institution
        if self.user.is_authenticated:
            self.instance.applicant, self.instance.contact_email = self.user, self.user.email
        self.instance.mail_language = get_language() or "en"
        return super().save(commit)


class SentApplication(ApplicationForm):
    """The answers as others read them."""

    is_to_fill_in = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, institution=None, user=AnonymousUser(), **kwargs)
        labels = {"contact_name": _("Name"), "contact_position": _("Position"), "contact_email": _("E-mail address")}
        for name, label in labels.items():
            self.fields[name].label = label


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your answer"), max_length=5000, widget=forms.Textarea({"rows": 6, "dir": "auto"})
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3, "dir": "auto"})
    )
