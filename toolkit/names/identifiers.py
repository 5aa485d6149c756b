"""ROR, ORCID and DOI: pasted in any usual way, kept in one normal form, refused where the check digits disagree."""

import re
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_ROR_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_ROR = re.compile(
    rf"(?:(?:https?://)?(?:www\.|api\.)?ror\.org/(?:v[12]/)?(?:organizations/)?|ror:\s*)?"
    rf"(0[{_ROR_ALPHABET}]{{6}}[0-9]{{2}})/?(?:[?#].*)?"
)
_ORCID = re.compile(
    r"(?:(?:https?://)?(?:www\.)?orcid\.org/|orcid:\s*)?"
    r"([0-9]{4})[-\s]?([0-9]{4})[-\s]?([0-9]{4})[-\s]?([0-9]{3}[0-9x])/?(?:[?#].*)?"
)
# ORCID shares its numbers with ISNI and owns these blocks; other numbers with right check digits are ISNIs.
_ORCID_BLOCKS = ((15_000_000, 35_000_000), (900_000_000_000, 900_100_000_000))
_DOI_ADDRESS = re.compile(r"(?:https?://)?(?:www\.|dx\.)?doi\.org/", re.IGNORECASE)
_DOI_PREFIX = re.compile(r"(?:info:)?doi[:/]?\s*", re.IGNORECASE)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def normalise_ror(text: str) -> str:
    """The nine characters of a ROR id, lower-case, from the id alone or its address."""
    match = _ROR.fullmatch(text.strip().lower())
    if not match:
        raise ValidationError(_("This is not a ROR id: it has 9 characters, such as 05qrfxd25."), code="ror")
    ror = match[1]
    if ror[7:] != _ror_check_digits(ror[1:7]):
        raise ValidationError(_("This ROR id has a typing error: its last two digits do not fit the rest."), code="ror")
    return ror


def _ror_check_digits(characters: str) -> str:
    number = 0
    for character in characters:
        number = number * 32 + _ROR_ALPHABET.index(character)
    return f"{98 - number * 100 % 97:02}"  # ISO 7064 MOD 97-10


def ror_url(ror: str) -> str:
    return f"https://ror.org/{ror}"


def normalise_orcid(text: str) -> str:
    """Four groups of four with hyphens and a capital X, from the iD alone or its address."""
    match = _ORCID.fullmatch(_DASHES.sub("-", text.strip()).lower())
    if not match:
        raise ValidationError(_("This is not an ORCID iD: it looks like 0000-0002-1825-0097."), code="orcid")
    orcid = "-".join(match.groups()).upper()
    digits = orcid.replace("-", "")
    if digits[-1] != _orcid_check_digit(digits[:-1]):
        raise ValidationError(
            _("This ORCID iD has a typing error: its last character does not fit the rest."), code="orcid"
        )
    if not any(low <= int(digits[:-1]) <= high for low, high in _ORCID_BLOCKS):
        raise ValidationError(_("This number is not an ORCID iD; it may be an ISNI."), code="orcid")
    return orcid


def _orcid_check_digit(digits: str) -> str:
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11]  # ISO 7064 MOD 11-2


def orcid_url(orcid: str) -> str:
    return f"https://orcid.org/{orcid}"


def normalise_doi(text: str) -> str:
    """A DOI in lower case (case means nothing in it), without its address and without the full stop of a citation."""
    doi = text.strip()
    if address := _DOI_ADDRESS.match(doi):
        doi = unquote(re.split(r"[?#]", doi[address.end() :], maxsplit=1)[0])
    else:
        doi = _DOI_PREFIX.sub("", doi, count=1) if _DOI_PREFIX.match(doi) else doi
    doi = doi.rstrip(".,;").lower()
    if not (_DOI.fullmatch(doi) and doi.isprintable()):
        raise ValidationError(_("This is not a DOI: it looks like 10.1000/xyz123."), code="doi")
    return doi


def doi_url(doi: str) -> str:
    return f"https://doi.org/{doi}"


_SCHEMES = (("ror", normalise_ror), ("orcid", normalise_orcid), ("doi", normalise_doi))


def find_identifier(text: str) -> tuple[str, str] | None:
    """("ror" | "orcid" | "doi", normal form) where the whole text is one pasted identifier or its address, else None.

    A mistyped one is None too: a search then looks for it as words.
    """
    text = text.strip().strip("<>\"'()[]").strip()
    for scheme, normalise in _SCHEMES:
        try:
            return scheme, normalise(text)
        except ValidationError:
            continue
    return None


def validate_ror(value: str) -> None:
    """For model fields: only the stored normal form passes, so forms normalise first."""
    if normalise_ror(value) != value:
        raise ValidationError(_("Write the ROR id as its 9 characters alone, in lower case."), code="ror")


def validate_orcid(value: str) -> None:
    """For model fields: only the stored normal form passes, so forms normalise first."""
    if normalise_orcid(value) != value:
        raise ValidationError(_("Write the ORCID iD as 0000-0002-1825-0097, without an address."), code="orcid")
