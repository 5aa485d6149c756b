import pytest

from tests.factories import ThemeFactory
from vocabularies.models import Country, Theme
from vocabularies.search import matching
from vocabularies.templatetags.countries import country_link, country_name

pytestmark = pytest.mark.django_db


def codes(text: str) -> list[str]:
    return [country.code for country in matching(text, Country.objects.order_by("code"))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kyrgyzstan", ["KG"]),
        ("côte d'ivoire", ["CI"]),
        ("Côte d’Ivoire", ["CI"]),
        ("кирг", ["KG"]),
        ("kg", ["KG"]),
        ("Uzbekistam", ["UZ"]),
        ("", []),
        ("...", []),
        ("xqzvw", []),
    ],
)
def test_countries_match_by_name_code_and_likeness(text, found):
    assert codes(text) == found


def test_all_words_must_occur():
    assert codes("united kingdom") == ["GB"]


def test_likeness_is_asked_only_where_nothing_has_the_words():
    exact, like = ThemeFactory(name="Water resources"), ThemeFactory(name="Waters")

    assert matching("waters", Theme.objects.all()) == [like]
    assert set(matching("water", Theme.objects.all())) == {exact, like}


def test_short_words_are_like_nothing():
    ThemeFactory(name="Ice and sea")

    assert matching("sae", Theme.objects.all()) == []


def test_country_is_linked_where_one_is_known():
    assert country_link("NP") == '<a href="/countries/NP/">Nepal</a>'
    assert country_link(None) == country_link("") == country_name(None) == ""
