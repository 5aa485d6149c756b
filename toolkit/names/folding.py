"""Text folded so that search and sorting are blind to accents and case, in any script.

Python writes folded text on every path: PostgreSQL's `unaccent` is not immutable, and the embedded server has no ICU.
A change of these rules changes stored columns, so it needs a data migration that folds them again.
"""

import re
import unicodedata

SORT_KEY_LENGTH = 300

# Marks that decorate a letter. Those of Indic, Thai, Khmer, Japanese and other scripts are vowels or change the
# consonant: without them another word is left, so they stay.
_DROPPED_MARKS = (
    (0x0300, 0x036F),  # Latin, Greek, Cyrillic: й becomes и, ё becomes е
    (0x0483, 0x0489),  # Cyrillic
    (0x0591, 0x05C7),  # Hebrew points
    (0x0610, 0x061A),  # Arabic
    (0x064B, 0x065F),  # harakat; hamza and madda above or below
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x0711, 0x0711),  # Syriac
    (0x0730, 0x074A),
    (0x08CA, 0x08FF),  # Arabic
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0x2DE0, 0x2DFF),  # Cyrillic
    (0xA66F, 0xA69F),
    (0xFB1E, 0xFB1E),  # Hebrew
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
    (0xE0100, 0xE01EF),
)

# Letters that Unicode does not take apart. Latin letters named "… WITH STROKE", "… WITH HOOK" need no entry.
_SPECIAL = {
    **str.maketrans(
        {
            "æ": "ae",
            "œ": "oe",
            "þ": "th",
            "ð": "d",
            "ı": "i",
            "ȷ": "j",
            "ŋ": "ng",
            "ə": "e",
            "ǝ": "e",
            "ɛ": "e",
            "ɔ": "o",
            "ʊ": "u",
            "ɑ": "a",
            "ґ": "г",
            "ٱ": "ا",
            "ة": "ه",
            "ە": "ه",
            "ہ": "ه",
            "ھ": "ه",
            "ۃ": "ه",
            "ى": "ي",
            "ی": "ي",
            "ک": "ك",
            "ڪ": "ك",
            "ـ": "",
        }
    ),
    # Letters that are written as apostrophes: Hawaiʻi, ʼAin.
    **dict.fromkeys(range(0x02B9, 0x02C0), " "),
    **dict.fromkeys((0xA78B, 0xA78C), " "),
    # Letters with no ink, which would make two names that look the same differ.
    **dict.fromkeys((0x115F, 0x1160, 0x3164, 0xFFA0, 0x17B4, 0x17B5), ""),
}
_LATIN_WITH_SOMETHING = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")
_NUMBER = re.compile(r"[0-9]+")


class _FoldingTable(dict[int, str]):
    """What `str.translate` asks per character; it remembers the alphabets, not the tens of thousands of Han signs."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x3000:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    code = ord(character)
    category = unicodedata.category(character)
    if category[0] in "PSZ" or character.isspace():
        return " "
    if category in ("Cc", "Cf", "Cs") or any(low <= code <= high for low, high in _DROPPED_MARKS):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Ll" and (latin := _LATIN_WITH_SOMETHING.match(unicodedata.name(character, ""))):
        return latin[1].lower()
    return character


_TABLE = _FoldingTable(_SPECIAL)
# Cut first: what has no ink would keep a letter from meeting its mark or its other half.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def fold(text: str) -> str:
    """The form in which names are searched: "Université d’Abomey-Calavi" becomes "universite d abomey calavi".

    Case, accents, Arabic vowel signs and the variants of alef, yeh and kaf vanish; punctuation and symbols part
    words; control characters, NUL and lone surrogates go, so PostgreSQL can hold every result. Folding twice gives
    the same as folding once.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", text))
        # Casefolding may leave something that normalises again (final iota, letters in circles), so it runs twice.
        text = unicodedata.normalize("NFKC", text.casefold()).casefold()
        text = unicodedata.normalize("NFKD", text).translate(_TABLE)
        text = unicodedata.normalize("NFC", text)  # Korean syllables and voiced kana whole again
    else:
        text = text.lower().translate(_TABLE)
    return " ".join(text.split())


def fold_words(text: str) -> list[str]:
    return fold(text).split()


def sort_key(text: str) -> str:
    """What lists of names are ordered by, compared byte by byte (collation C), at most 300 characters.

    Á stands with A and "2 b" before "10 a"; other scripts follow Latin. A number is written with its count of digits
    before it. After \\x01, which is below every other character, the text itself decides between names that fold alike.
    """
    folded = _NUMBER.sub(_number_key, fold(text))
    original = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
    return f"{folded}\x01{original}"[:SORT_KEY_LENGTH]


def _number_key(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"{min(len(digits), 99):02}{digits}"
