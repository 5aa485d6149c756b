"""The kinds of fields in which people tell facts: a language, a name, a text."""

from functools import lru_cache

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from toolkit.names import fold, sort_key, validate_plain_name

DESCRIPTION_LENGTH = 5000


@lru_cache(maxsize=16)
def known_languages(reader: str) -> list[tuple[str, str]]:
    """Code and name, in the reader's language; those with a code of two letters first."""
    names = Locale.parse(reader.replace("-", "_")).languages
    plain = ((code, name) for code, name in names.items() if code.isalpha() and len(code) <= 3)
    return sorted(plain, key=lambda pair: (len(pair[0]), sort_key(pair[1])))


def languages(reader: str) -> list[tuple[str, str]]:
    """The suggestions: a page does not hold them all."""
    return [pair for pair in known_languages(reader) if len(pair[0]) == 2]


class LanguageField(forms.CharField):
    """A code as in zh, or the name of the language; a list of suggestions with the id `languages` stands on the page."""

    def __init__(self, **options):
        options.setdefault("label", gettext_lazy("Language"))
        options.setdefault("widget", forms.TextInput(attrs={"list": "languages", "autocomplete": "off", "size": 12}))
        super().__init__(max_length=60, **options)

    def clean(self, value) -> str:
        text = fold(super().clean(value))
        if not text:
            return ""
        known = known_languages(get_language() or "en")
        found = next((code for code, name in known if text in (code, fold(name))), None)
        if found is None:
            raise ValidationError(_("This is no language known here: write its code, as in zh, or its name."))
        return found


class NameField(forms.CharField):
    """One line of plain text that others will read as a name."""

    def __init__(self, **options):
        options.setdefault("widget", forms.TextInput(attrs={"dir": "auto"}))
        super().__init__(validators=[validate_plain_name], **options)

    def to_python(self, value) -> str:
        return " ".join((super().to_python(value) or "").split())


class TextField(forms.CharField):
    def __init__(self, **options):
        super().__init__(
            widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}), max_length=DESCRIPTION_LENGTH, **options
        )

    def to_python(self, value) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")
