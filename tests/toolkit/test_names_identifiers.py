import random

import idutils
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from toolkit.names import (
    find_identifier,
    normalise_doi,
    normalise_orcid,
    normalise_ror,
    orcid_url,
    ror_url,
    validate_orcid,
    validate_ror,
)

ROR_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Real ids with the lowest, the highest and single-digit check digits among them.
REAL_RORS = ["05qrfxd25", "034t30j35", "003z0hw02", "03tvpbp09", "00g3fjr10", "021gxf250", "03q3ecb97", "005k57c98"]
orcid_numbers = st.one_of(st.integers(15_000_000, 35_000_000), st.integers(900_000_000_000, 900_100_000_000))


def orcid_of(number):
    """An ORCID iD with right check digit, found through idutils, which is sure of it."""
    digits = f"{number:015}"
    bare = (digits + check for check in "0123456789X")
    return next(idutils.normalize_orcid(each) for each in bare if idutils.is_orcid(each))


@pytest.mark.parametrize("ror", REAL_RORS)
def test_ror_of_a_real_institution_passes(ror):
    assert normalise_ror(ror) == ror
    validate_ror(ror)


@pytest.mark.parametrize(
    "text",
    [
        "05qrfxd25",
        " 05QRFXD25\n",
        "ror.org/05qrfxd25",
        "https://ror.org/05qrfxd25",
        "HTTPS://ROR.ORG/05QRFXD25/",
        "http://www.ror.org/05qrfxd25?utm=x#y",
        "https://api.ror.org/v2/organizations/05qrfxd25",
        "ror:05qrfxd25",
    ],
)
def test_ror_is_read_as_it_is_pasted(text):
    assert normalise_ror(text) == "05qrfxd25"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "02mhbdp95",  # idutils lets this typing error pass
        "5qrfxd25",
        "05qrfxd2",
        "05qrfxd255",
        "15qrfxd25",
        "05qrfxi25",
        "05qrfxd2۵",
        "05qr fxd25",
        "https://example.org/05qrfxd25",
        "https://ror.org.example.org/05qrfxd25",
        "https://ror.org/05qrfxd25/x",
        "https://orcid.org/05qrfxd25",
        "05qrfxd25\x00",
    ],
)
def test_ror_refuses_what_is_none(text):
    with pytest.raises(ValidationError) as refused:
        normalise_ror(text)

    assert refused.value.code == "ror"
    assert refused.value.messages[0].endswith(".")


@given(st.sampled_from(REAL_RORS), st.integers(1, 8), st.sampled_from(ROR_ALPHABET))
def test_ror_refuses_every_single_typing_error(ror, place, character):
    typed = ror[:place] + character + ror[place + 1 :]
    if typed != ror:
        with pytest.raises(ValidationError):
            normalise_ror(typed)


@pytest.mark.parametrize("stored", ["05QRFXD25", "https://ror.org/05qrfxd25", " 05qrfxd25", "02mhbdp95"])
def test_validate_ror_passes_the_stored_form_only(stored):
    with pytest.raises(ValidationError):
        validate_ror(stored)


def test_addresses_of_identifiers():
    assert ror_url("05qrfxd25") == "https://ror.org/05qrfxd25"
    assert orcid_url("0000-0002-1825-0097") == "https://orcid.org/0000-0002-1825-0097"


@pytest.mark.parametrize(
    ("text", "orcid"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000000218250097", "0000-0002-1825-0097"),
        (" 0000 0002 1825 0097 ", "0000-0002-1825-0097"),
        ("0000–0002–1825–0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1694-233x", "0000-0002-1694-233X"),
        ("HTTP://WWW.ORCID.ORG/0000-0002-1694-233X/", "0000-0002-1694-233X"),
        ("orcid: 0000-0002-1694-233X", "0000-0002-1694-233X"),
    ],
)
def test_orcid_is_read_as_it_is_pasted(text, orcid):
    assert normalise_orcid(text) == orcid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000-0002-1825-0098",
        "0000-0002-1694-2330",
        "0000-0002-1825-009",
        "0000-0002-1825-00977",
        "000X-0002-1825-0097",
        "۰000-0002-1825-0097",
        "https://example.org/0000-0002-1825-0097",
        "0000 0004 0618 5923",  # an ISNI with right check digits
    ],
)
def test_orcid_refuses_what_is_none(text):
    with pytest.raises(ValidationError) as refused:
        normalise_orcid(text)

    assert refused.value.code == "orcid"


@given(orcid_numbers)
def test_orcid_agrees_with_idutils_on_right_ones(number):
    orcid = orcid_of(number)

    assert normalise_orcid(orcid_url(orcid)) == orcid
    validate_orcid(orcid)


@given(st.integers(0, 999_999_999_999_999), st.sampled_from("0123456789X"))
def test_orcid_agrees_with_idutils_on_any_number(number, check):
    text = f"{number:015}{check}"
    try:
        normalise_orcid(text)
        passes = True
    except ValidationError:
        passes = False

    assert passes == bool(idutils.is_orcid(text))


@given(orcid_numbers, st.integers(0, 15), st.sampled_from("0123456789"))
def test_orcid_refuses_every_single_typing_error(number, place, digit):
    bare = orcid_of(number).replace("-", "")
    typed = bare[:place] + digit + bare[place + 1 :]
    if typed != bare:
        with pytest.raises(ValidationError):
            normalise_orcid(typed)


@pytest.mark.parametrize("stored", ["0000000218250097", "0000-0002-1694-233x", "https://orcid.org/0000-0002-1825-0097"])
def test_validate_orcid_passes_the_stored_form_only(stored):
    with pytest.raises(ValidationError):
        validate_orcid(stored)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1000/ABC.1", "10.1000/abc.1"),
        ("doi:10.1000/abc.", "10.1000/abc"),
        ("DOI 10.1000/abc", "10.1000/abc"),
        ("https://doi.org/10.1000/x%28a%29", "10.1000/x(a)"),
        ("http://dx.doi.org/10.1000.10/a?utm=1#b", "10.1000.10/a"),
        (
            "10.1002/(SICI)1096-8644(199601)99:1<1::AID>3.0.CO;2-1",
            "10.1002/(sici)1096-8644(199601)99:1<1::aid>3.0.co;2-1",
        ),
    ],
)
def test_doi_is_read_as_it_is_pasted(text, doi):
    assert normalise_doi(text) == doi
    assert normalise_doi(doi) == doi


@pytest.mark.parametrize(
    "text", ["", "10.1000", "10.1000/", "11.1000/a", "10.1/a", "10.1000/a b", "https://doi.org/10.1000/a%00"]
)
def test_doi_refuses_what_is_none(text):
    with pytest.raises(ValidationError) as refused:
        normalise_doi(text)

    assert refused.value.code == "doi"


@pytest.mark.parametrize(
    "text", ["10.1000/xyz123", "doi:10.1038/S41586-020-2649-2", "https://doi.org/10.5281/zenodo.1"]
)
def test_doi_agrees_with_idutils(text):
    assert normalise_doi(text) == idutils.normalize_doi(text).lower()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://ror.org/05qrfxd25", ("ror", "05qrfxd25")),
        (" 05QRFXD25 ", ("ror", "05qrfxd25")),
        ("<https://orcid.org/0000-0002-1825-0097>", ("orcid", "0000-0002-1825-0097")),
        ("https://doi.org/10.1000/ABC", ("doi", "10.1000/abc")),
        ("02mhbdp95", None),
        ("0000 0004 0618 5923", None),
        ("Chinese Academy of Sciences", None),
        ("see https://ror.org/05qrfxd25", None),
        ("", None),
    ],
)
def test_find_identifier_in_what_was_pasted(text, found):
    assert find_identifier(text) == found


@given(st.text(st.characters(), max_size=60))
def test_find_identifier_never_fails(text):
    find_identifier(text)


def test_a_random_word_is_rarely_an_identifier():
    """97 of 98 mistyped check digits are caught, so a search for a code word is not hijacked."""
    dice = random.Random(42)
    words = ["0" + "".join(dice.choices(ROR_ALPHABET, k=6)) + f"{dice.randrange(100):02}" for _ in range(3000)]

    assert sum(find_identifier(word) is not None for word in words) < 60
