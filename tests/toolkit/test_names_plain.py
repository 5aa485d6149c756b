import pytest
from django.core.exceptions import ValidationError

from toolkit.names import validate_plain_name, without_unseen

GOOD = [
    "Université d’Abomey-Calavi",
    "Tom & Jerry's Institute (North), № 1",
    "中国科学院",
    "پژوهشگاه دانش\u200cهای بنیادی",  # the joiner is Persian spelling
    "क्\u200dष",
    "O'Neil, Jr.",
    "Ω/μ: 50 %",
    "",
]
BAD = [
    ("<b>Institute", "markup"),
    ("a > b", "markup"),
    ("Institute https://evil.example", "address"),
    ("Institute\nof Physics", "unseen"),
    ("Institute\tof Physics", "unseen"),
    ("Insti\x00tute", "unseen"),
    ("Insti\x1btute", "unseen"),
    ("Insti\x85tute", "unseen"),
    ("Insti\u202etute", "unseen"),
    ("Insti\u2066tute\u2069", "unseen"),
    ("Insti\u200btute", "unseen"),
    ("Insti\u200ctute", "unseen"),
    ("Institute\u200d", "unseen"),
    ("Insti\u2060tute", "unseen"),
    ("\ufeffInstitute", "unseen"),
    ("Insti\u00adtute", "unseen"),
    ("Insti\u2028tute", "unseen"),
    ("Insti\u3164tute", "unseen"),
    ("Insti\u034ftute", "unseen"),
    ("Insti\ud800tute", "unseen"),
    ("Insti\ue000tute", "unseen"),
    ("Insti\U000e0061tute", "unseen"),
    ("\u061cالأكاديمية", "unseen"),
]


@pytest.mark.parametrize("name", GOOD)
def test_names_of_any_script_are_plain(name):
    validate_plain_name(name)

    assert without_unseen(name) == name


@pytest.mark.parametrize(("name", "code"), BAD)
def test_t23_t34_markup_addresses_and_what_cannot_be_seen_are_refused(name, code):
    with pytest.raises(ValidationError) as refused:
        validate_plain_name(name)

    assert refused.value.code == code


@pytest.mark.parametrize("name", [name for name, code in BAD if code == "unseen"])
def test_what_is_left_without_the_unseen_is_plain(name):
    validate_plain_name(without_unseen(name))


def test_the_sentence_says_what_and_where():
    with pytest.raises(ValidationError, match=r"cannot be seen \(U\+200B\) at position 6: type the name anew"):
        validate_plain_name("Insti\u200btute")
