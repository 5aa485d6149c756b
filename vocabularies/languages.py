"""Names of languages from CLDR, in any language Babel knows. People name those that they speak."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language, to_locale


def language_names(language: str | None = None) -> dict[str, str]:
    """By their codes of ISO 639; dialects that are written with a region (“de_AT”) are not among them."""
    return _names(language or get_language() or "en")


@lru_cache(maxsize=32)
def _names(language: str) -> dict[str, str]:
    try:
        names = dict(Locale.parse(to_locale(language)).languages)
    except (UnknownLocaleError, ValueError):
        names = dict(Locale.parse("en").languages)
    return {code: name for code, name in names.items() if code.isalpha() and len(code) in (2, 3) and code not in _NONE}


_NONE = {"mul", "und", "zxx", "root", "mis"}  # several languages, an unknown one, none
