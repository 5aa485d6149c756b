"""How words find rows: one function, used by every list and by the search over everything."""

import pytest
from django.db import connection

from centers.models import Center
from members.models import Institution
from projects.models import Project
from tests.factories import CenterFactory, InstitutionFactory, ProjectFactory
from toolkit.listing import match
from toolkit.listing.matching import parse

pytestmark = pytest.mark.django_db


def found(text, rows=None, **where):
    result = match(Institution.objects.all() if rows is None else rows, text, **(where or {"acronym": "acronym"}))
    return [str(row) for row in result.rows.order_by("-rank", "sort_key", "pk")]


@pytest.fixture
def academy(db):
    InstitutionFactory(
        name="Chinese Academy of Sciences",
        acronym="CAS",
        ror="034t30j35",
        names=[
            ("中国科学院", "zh", "label"),
            ("Китайская академия наук", "ru", "label"),
            ("الأكاديمية الصينية للعلوم", "ar", "label"),
        ],
    )
    InstitutionFactory(name="Université d’Abomey-Calavi", acronym="UAC")
    InstitutionFactory(name="Tsinghua University")


@pytest.mark.parametrize(
    "text",
    [
        "Chinese Academy of Sciences",
        "sciences chinese",
        "cas",
        "CAS",
        "中国科学院",
        "科学院",
        "китайская АКАДЕМИЯ",
        "الاكاديمية الصينية",
        "034t30j35",
        "https://ror.org/034t30j35",
        "ror.org/034t30j35/",
        "Chinise Academy of Sciences",
        "Chinese Acadmy",
        "Chinesse",
        '"academy of sciences"',
        "“academy of sciences”",
        "acad* scien*",
    ],
)
def test_an_institution_is_found_by_any_of_its_names_its_acronym_its_ror_and_with_a_typing_error(academy, text):
    assert found(text) == ["Chinese Academy of Sciences"]


@pytest.mark.parametrize(
    "text", ["universite d'abomey calavi", "UNIVERSITÉ D’ABOMEY", "abomey-calavi", "Abomei Calavi"]
)
def test_accents_and_punctuation_do_not_matter(academy, text):
    assert found(text) == ["Université d’Abomey-Calavi"]


@pytest.mark.parametrize("word", ["tsinghva", "tsinghuaa", "tsingua", "tsinghau", "fsinghua", "unlversity"])
def test_one_wrong_letter_is_forgiven(academy, word):
    assert "Tsinghua University" in found(word)


@pytest.mark.parametrize("text", ["oxford", "qq", '"sciences academy"', "https://ror.org/02jx3x895"])
def test_what_is_not_there_is_not_found(academy, text):
    assert found(text) == []


def test_likeness_is_asked_only_where_no_row_has_the_words(academy):
    InstitutionFactory(name="Tsinghau Institute")

    assert found("tsinghau") == ["Tsinghau Institute"]
    assert match(Institution.objects.all(), "tsinghau").close is False
    assert match(Institution.objects.all(), "tsinghwa").close is True


def test_rows_that_the_reader_may_not_see_do_not_decide(academy):
    InstitutionFactory(name="Tsinghau Institute")

    assert found("tsinghau", Institution.objects.exclude(name="Tsinghau Institute")) == ["Tsinghua University"]


def test_only_the_closest_rows_are_taken(academy):
    InstitutionFactory(name="Tsingtao Museum")

    assert found("tsinghuwa") == ["Tsinghua University"]


def test_all_words_must_occur_in_names_or_long_text():
    ProjectFactory(title="Glacier lakes", summary="Floods in Hunza")
    ProjectFactory(title="Lakes", summary="Fish")
    where = {"vector": "search", "acronym": "acronym"}

    assert found("lakes floods", Project.objects.all(), **where) == ["Glacier lakes"]
    assert found("lakes", Project.objects.all(), **where) == ["Lakes", "Glacier lakes"]
    assert found("lakes fish floods", Project.objects.all(), **where) == []
    assert found('"floods in hunza"', Project.objects.all(), **where) == ["Glacier lakes"]
    assert found('"in floods"', Project.objects.all(), **where) == []


def test_long_text_has_whole_words_unless_a_star_asks_for_the_beginning():
    CenterFactory(name="Ant", summary="Glaciers")
    rows = Center.objects.all()

    assert found("glacier", rows, vector="search") == []
    assert found("glacier*", rows, vector="search") == ["Ant"]


def test_the_name_itself_comes_before_its_beginning_words_letters_and_long_text():
    for name in ["The seawater lab", "Centre for Water", "Water and Land", "Water", "Delft"]:
        InstitutionFactory(name=name, acronym="WATER" if name == "Delft" else "")

    assert found("water")[:2] in (["Water", "Delft"], ["Delft", "Water"])
    assert found("water")[2:] == ["Water and Land", "Centre for Water", "The seawater lab"]


def test_of_several_texts_one_is_enough(academy):
    assert sorted(found(["tsinghua", "abomey"])) == ["Tsinghua University", "Université d’Abomey-Calavi"]
    assert found(["***", "tsinghua"]) == ["Tsinghua University"]


@pytest.mark.parametrize("text", ["", "   ", "***", '""', "\0", "…–", []])
def test_where_there_is_no_word_there_is_no_row(academy, text, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert found(text) == []
        assert match(Institution.objects.all(), text).words == ""


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE x --",
        "a' <-> 'b",
        "a & | ! ( ) :*",
        "%",
        "_",
        "\\",
        "\0a",
        "a" * 5000,
        "a " * 5000,
        "ʻokina",
        "😀 a",
        "\ud800a",
    ],
)
def test_signs_of_other_languages_mean_nothing(academy, text):
    for rows, where in [(Institution.objects.all(), {}), (Project.objects.all(), {"vector": "search"})]:
        list(match(rows, text, **where).rows)


@pytest.mark.parametrize("text", ["chinese academy", "chinise academy", "nothing like it"])
def test_words_and_similar_words_cost_one_statement(academy, django_assert_num_queries, text):
    with django_assert_num_queries(1):
        match(Institution.objects.all(), text)


def test_the_threshold_of_likeness_is_set_for_the_transaction_only(academy):
    def threshold():
        with connection.cursor() as cursor:
            cursor.execute("SHOW pg_trgm.word_similarity_threshold")
            return cursor.fetchone()[0]

    with connection.cursor() as cursor:  # what a new transaction begins with
        cursor.execute("RESET pg_trgm.word_similarity_threshold")
    match(Institution.objects.all(), "chinise academy")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setting::float8, reset_val::float8 FROM pg_settings WHERE name = 'pg_trgm.word_similarity_threshold'"
        )
        assert cursor.fetchone() == (0.4, 0.6)


def test_similar_words_are_read_from_the_trigram_index(academy):
    """Where the condition that sets the threshold is decided too late, the index would answer with the usual one."""
    from toolkit.listing.matching import _close_keys

    InstitutionFactory.create_batch(3)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    everybody, exact = Institution.objects.all(), Institution.objects.filter(names_folded__contains="abxmey")
    assert len(_close_keys(everybody, [parse("abxmey")], "names_folded", unless=exact)) == 1
    assert _close_keys(everybody, [parse("abxmey")], "names_folded", unless=everybody) == []
