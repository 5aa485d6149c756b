import unicodedata

import pytest
from confusable_homoglyphs.utils import load
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from anso_portal.sample.reading import json_lines
from toolkit.names import skeleton, validate_plain_name

names = st.text(st.characters(), max_size=40)


def sample_names() -> list[str]:
    """Display names of the sample's institutions, in the order of its file."""
    return [
        next(name["value"] for name in record["names"] if "ror_display" in name["types"])
        for record in json_lines("ror_records.jsonl.gz")
    ]


@pytest.mark.parametrize(
    "other",
    [
        "lnstitute of Physics",
        "INSTITUTE OF PHYSICS",
        "Inѕtіtutе оf Рhysісs",  # Cyrillic
        "Ιnstitute of Physics",  # Greek
        "Ｉｎｓｔｉｔｕｔｅ　ｏｆ　Ｐｈｙｓｉｃｓ",
        "𝐈𝐧𝐬𝐭𝐢𝐭𝐮𝐭𝐞 𝐨𝐟 𝐏𝐡𝐲𝐬𝐢𝐜𝐬",
        "Ínstitüte ôf Physiçs",
        "Institute-of Physics.",
        "Insti\u200btute\u00a0of Physics",
    ],
)
def test_names_that_look_alike_have_one_skeleton(other):
    assert skeleton(other) == skeleton("Institute of Physics")


def test_one_letter_may_look_like_two():
    assert skeleton("Modern Fishery") == skeleton("rnodem Fishery")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Institute of Physics", "Institute of Physiology"),
        ("University of Lagos", "University of Lahore"),
        ("Academy of Sciences", "Academies of Science"),
        ("中国科学院", "中国科学社"),
        ("中国科学院", "中国社会科学院"),
        ("Российская академия наук", "Российская академия художеств"),
        ("جامعة الخرطوم", "جامعة النيلين"),
    ],
)
def test_other_names_have_others(one, other):
    assert skeleton(one) != skeleton(other)


def test_of_the_sample_no_two_institutions_look_alike():
    found = {}
    for name in sample_names():
        found.setdefault(skeleton(name), set()).add(name)

    assert [alike for alike in found.values() if len(alike) > 1] == []


def test_t34_all_confusables_of_fifty_institution_names_have_their_skeleton_or_are_refused():
    """Each letter of each name replaced, one at a time, by everything that Unicode says looks like it."""
    table = load("confusables.json")
    tried = refused = 0
    for name in sample_names()[:50]:
        for position, letter in enumerate(name):
            for alike in table.get(letter, ()):
                disguised = name[:position] + alike["c"].strip("\u200e") + name[position + 1 :]
                tried += 1
                try:
                    validate_plain_name(disguised)
                except ValidationError:
                    refused += 1
                    continue
                assert skeleton(disguised) == skeleton(name), (name, alike)
    assert tried > 20_000
    assert refused < 100


def test_t34_names_that_differ_in_case_or_compatible_form_have_one_skeleton():
    for name in [*sample_names(), "ΑΚΑΔΗΜΊΑ Αθηνών", "Российская академия наук", "Straße"]:
        for other in (name.upper(), name.lower(), name.casefold(), *forms(name)):
            assert skeleton(other) == skeleton(name), other


def forms(name: str) -> list[str]:
    return [unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")]


@given(names)
def test_a_skeleton_is_its_own_skeleton_and_can_be_stored(text):
    found = skeleton(text)

    assert skeleton(found) == found
    assert len(found) <= 300
    assert "\x00" not in found
    found.encode()


@given(names)
def test_a_skeleton_is_blind_to_canonical_form(text):
    assert skeleton(unicodedata.normalize("NFD", text)) == skeleton(unicodedata.normalize("NFC", text))
