"""Names that are only names: nothing in them marks up, leads elsewhere, hides or turns the letters beside it."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_JOINERS = "\u200c\u200d"
# Scripts in which a joiner changes how the letters beside it are written; Persian plurals need one. The same letters are
# meant by IDNA (RFC 5892, appendix A).
_JOINED_SCRIPTS = (
    "ARABIC",
    "SYRIAC",
    "MONGOLIAN",
    "DEVANAGARI",
    "BENGALI",
    "GURMUKHI",
    "GUJARATI",
    "ORIYA",
    "TAMIL",
    "TELUGU",
    "KANNADA",
    "MALAYALAM",
    "SINHALA",
    "KHMER",
    "MYANMAR",
)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Letters and marks without any ink.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MARKUP = ("<", ">")


def validate_plain_name(value: str) -> None:
    """For the names of institutions, people and accounts, in forms and in models."""
    for sign in _MARKUP:
        if sign in value:
            raise ValidationError(_("A name cannot hold “%(sign)s”."), code="markup", params={"sign": sign})
    if "://" in value:
        raise ValidationError(_("A name cannot hold a web address (“://”)."), code="address")
    if _is_clear(value):
        return
    for position, character in enumerate(value):
        if is_unseen(character) and not (character in _JOINERS and _joins(value, position)):
            raise ValidationError(
                _("There is a character that cannot be seen (%(code)s) at position %(position)d: type the name anew."),
                code="unseen",
                params={"code": f"U+{ord(character):04X}", "position": position + 1},
            )


def is_unseen(character: str) -> bool:
    """Controls, what turns the direction of writing, zero-width characters, halves of characters, letters without ink."""
    return unicodedata.category(character) in _UNSEEN or character in _FILLERS


def without_unseen(text: str) -> str:
    """For names from registers, which are taken as they come: the text without what `validate_plain_name` refuses unseen."""
    if _is_clear(text):
        return text
    return "".join(
        character
        for position, character in enumerate(text)
        if not is_unseen(character) or (character in _JOINERS and _joins(text, position))
    )


def _is_clear(text: str) -> bool:
    """A quick yes for nearly every name."""
    return text.isprintable() and _FILLERS.isdisjoint(text)


def _joins(text: str, position: int) -> bool:
    """Between two letters of a script that needs it."""
    return all(
        0 <= beside < len(text) and unicodedata.name(text[beside], "").startswith(_JOINED_SCRIPTS)
        for beside in (position - 1, position + 1)
    )
