import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.names import RESERVED, slugify, unique_slug, unique_slugs

bases = st.sampled_from(["a", "a-pk", "a-2", "a-pk-2", "new", "x" * 80, "-".join(["word"] * 16), "b"])
countries = st.sampled_from(["", "PK", "CN"])


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Chinese Academy of Sciences", "chinese-academy-of-sciences"),
        ("Université d’Abomey-Calavi", "universite-d-abomey-calavi"),
        ("Łódź & Straße", "lodz-strasse"),
        ("中国科学院 (CAS)", "cas"),
        ("X", "x"),
        ("3M", "3m"),
    ],
)
def test_slugify_of_names(name, slug):
    assert slugify(name, fallback="05qrfxd25") == slug


@pytest.mark.parametrize("name", ["Российская академия наук", "中国科学院", "Институт физики I", "2026", "…", ""])
def test_slugify_takes_the_fallback_where_there_is_no_latin_form(name):
    assert slugify(name, fallback="05qrfxd25") == "05qrfxd25"
    assert slugify(name) == ""


def test_slugify_cleans_the_fallback():
    assert slugify("中国", fallback="ANSO-P-2026-0042") == "anso-p-2026-0042"


def test_slugify_cuts_at_a_word():
    assert slugify("word " * 30) == "-".join(["word"] * 16)  # 79 characters; a seventeenth word would not fit
    assert slugify("a" * 79 + " b") == "a" * 79
    assert slugify("a" * 78 + " b c") == "a" * 78 + "-b"
    assert slugify("a" * 200) == "a" * 80


@given(st.text(st.characters(), max_size=200), st.text(max_size=100))
def test_slugify_writes_slugs_only(text, fallback):
    slug = slugify(text, fallback)

    assert slug == "" or re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= 80
    if slugify(text):
        assert slug == slugify(text) == slugify(slug)


@pytest.mark.parametrize(
    ("base", "country", "taken", "slug"),
    [
        ("uaf", "PK", [], "uaf"),
        ("uaf", "PK", ["uaf"], "uaf-pk"),
        ("uaf", "PK", ["uaf", "uaf-pk"], "uaf-pk-2"),
        ("uaf", "PK", ["uaf", "uaf-pk", "uaf-pk-2"], "uaf-pk-3"),
        ("uaf", "", ["uaf"], "uaf-2"),
        ("uaf", "", ["uaf", "uaf-2"], "uaf-3"),
        ("map", "PK", [], "map-pk"),
        ("new", "", [], "new-2"),
        ("a" * 80, "PK", ["a" * 80], "a" * 77 + "-pk"),
        ("a" * 70 + "-" + "b" * 9, "PK", ["a" * 70 + "-" + "b" * 9], "a" * 70 + "-pk"),
    ],
)
def test_unique_slug_is_the_first_free_one(base, country, taken, slug):
    assert unique_slug(base, country, taken=taken.__contains__) == slug
    assert unique_slugs([(base, country)], set(taken)) == [slug]


def test_unique_slug_refuses_an_empty_base():
    with pytest.raises(ValueError, match="fallback"):
        unique_slug("", "PK", taken=lambda slug: False)


def test_unique_slugs_leaves_what_is_taken_as_it_was():
    taken = {"a"}

    assert unique_slugs([("a", "PK"), ("a", "PK"), ("a", "")], taken) == ["a-pk", "a-pk-2", "a-2"]
    assert taken == {"a"}


@given(st.lists(st.tuples(bases, countries), max_size=30), st.sets(bases))
def test_unique_slugs_gives_what_one_after_the_other_gives(wanted, taken):
    slugs = unique_slugs(wanted, taken)

    used = set(taken)
    for (base, country), slug in zip(wanted, slugs, strict=True):
        assert slug == unique_slug(base, country, taken=used.__contains__)
        assert len(slug) <= 80
        used.add(slug)
    assert len(set(slugs)) == len(slugs)
    assert not set(slugs) & (taken | RESERVED)


def test_unique_slugs_of_many_namesakes_is_quick():
    """Counting from 2 for each would try 200 million slugs and run into the time-out."""
    slugs = unique_slugs([("ministry-of-health", "PK")] * 20_000, set())

    assert slugs[-1] == "ministry-of-health-pk-19999"


@pytest.mark.parametrize("word", ["new", "edit", "search", "history", "follow", "unfollow", "report", "map", "export"])
def test_reserved_words_are_addresses(word):
    assert word in RESERVED
    assert unique_slug(word, taken=lambda slug: False) == f"{word}-2"
