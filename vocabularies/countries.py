"""Names of countries from CLDR, in any language Babel knows, unless the operator chose another (settings.COUNTRY_NAMES)."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.utils.translation import get_language, to_locale


def country_name(code: str, language: str | None = None) -> str:
    """The name in the language, the reader's unless one is given; the code itself where nothing is known."""
    return _names(language or get_language() or "en").get(code, code)


def country_names(language: str | None = None) -> dict[str, str]:
    return _names(language or get_language() or "en")


@lru_cache(maxsize=32)
def _names(language: str) -> dict[str, str]:
    try:
        names = dict(Locale.parse(to_locale(language)).territories)
    except (UnknownLocaleError, ValueError):
        names = dict(Locale.parse("en").territories)
    names = {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}
    chosen = {
        code: by_language.get(language) or by_language.get("en") for code, by_language in settings.COUNTRY_NAMES.items()
    }
    return names | {code: name for code, name in chosen.items() if name}
