"""Forms of which a part of the record holds several: one for each name, translation, link or contact."""

import re
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.fields import LanguageField, NameField, TextField
from members.models import InstitutionContact, InstitutionName
from toolkit.names import validate_plain_name
from toolkit.web import WebField

PHONE = re.compile(r"\+?[0-9][0-9 ()./\-]{3,40}")


class RowForm(forms.Form):
    """One row; `told` is the field without which it is empty and goes."""

    told = "value"
    use_required_attribute = False

    def __init__(self, *args, known: Collection[str] = (), **options):
        """`known` are values that stand in the record already, perhaps from a register: they are taken as they are."""
        self.known = known
        super().__init__(*args, **options)

    def is_filled(self) -> bool:
        return bool(self.cleaned_data.get(self.told))


class RowFormSet(forms.BaseFormSet):
    @property
    def filled(self) -> list[dict[str, Any]]:
        return [form.cleaned_data for form in self.forms if form.is_filled()]


class NameRow(RowForm):
    value = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=400, widget=forms.TextInput(attrs={"dir": "auto"})
    )
    language = LanguageField(required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=InstitutionName.Kind.choices, initial=InstitutionName.Kind.LABEL
    )

    def clean_value(self) -> str:
        value = self.cleaned_data["value"]
        if value not in self.known:
            value = " ".join(value.split())
            validate_plain_name(value)
        return value

    def clean(self):
        data = super().clean()
        if data.get("kind") == InstitutionName.Kind.ACRONYM and len(data.get("value", "")) > 100:
            self.add_error("value", _("An acronym has at most 100 characters."))
        return data


class TranslationRow(RowForm):
    told = "text"
    language = LanguageField(required=False)
    text = TextField(label=gettext_lazy("Description"), required=False)

    def clean(self):
        data = super().clean()
        if data.get("text") and "language" in data and not data["language"]:
            self.add_error("language", _("Say in which language it is."))
        return data


class LinkRow(RowForm):
    told = "url"
    label = NameField(label=gettext_lazy("What it leads to"), required=False, max_length=100)
    url = WebField(label=gettext_lazy("Address"), required=False)

    def clean(self):
        data = super().clean()
        if data.get("url") and "label" in data and not data["label"]:
            self.add_error("label", _("Say what it leads to."))
        return data


class ContactRow(RowForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=InstitutionContact.Kind.choices)
    value = NameField(label=gettext_lazy("Contact"), required=False, max_length=500)
    label = NameField(label=gettext_lazy("For what"), required=False, max_length=100)
    is_public = forms.BooleanField(label=gettext_lazy("Show it to everybody"), required=False)

    def clean(self):
        data = super().clean()
        value, kind = data.get("value"), data.get("kind")
        if value and kind == InstitutionContact.Kind.EMAIL:
            try:
                validate_email(value)
            except ValidationError as wrong:
                self.add_error("value", wrong)
        if value and kind == InstitutionContact.Kind.PHONE and not PHONE.fullmatch(value):
            self.add_error("value", _("A telephone number is written like +92 51 9064 0000."))
        return data
