import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.differences import compare


def marked(lines) -> list[str]:
    signs = {"": "{}", "del": "[-{}-]", "ins": "[+{}+]"}
    return ["".join(signs[mark].format(text) for mark, text in line) for line in lines]


@pytest.mark.parametrize(
    ("before", "after", "left", "right"),
    [
        (["Lahore"], ["Lahore"], ["Lahore"], ["Lahore"]),
        (["Lahore"], ["Karachi"], ["[-Lahore-]"], ["[+Karachi+]"]),
        ([], ["Lahore"], [], ["[+Lahore+]"]),
        (["Lahore"], [], ["[-Lahore-]"], []),
        (
            ["The city of Lahore"],
            ["The old city of Lahore"],
            ["The city of Lahore"],
            ["The[+ old+] city of Lahore"],
        ),
        (["中国科学院"], ["中国科学研究院"], ["中国科学院"], ["中国科学[+研究+]院"]),
        (["Latitude: 27.70169"], ["Latitude: 27.68000"], ["Latitude: [-27.70169-]"], ["Latitude: [+27.68000+]"]),
        (["a", "b", "c"], ["a", "c"], ["a", "[-b-]", "c"], ["a", "c"]),
    ],
)
def test_words_that_differ_are_marked(before, after, left, right):
    assert tuple(map(marked, compare(before, after))) == (left, right)


lines = st.lists(st.text(alphabet="ab \n.中ق", max_size=12), max_size=6)


@given(lines, lines)
def test_nothing_is_lost_on_either_side(before, after):
    left, right = compare(before, after)

    assert ["".join(piece.text for piece in line) for line in left] == before
    assert ["".join(piece.text for piece in line) for line in right] == after
    assert all(piece.mark != "ins" for line in left for piece in line)
    assert all(piece.mark != "del" for line in right for piece in line)


def test_texts_made_to_cost_much_are_compared_all_the_same():
    compare(["ab " * 2000], ["ba " * 2000])
    compare(["a "] * 3000, ["a", *["a "] * 3000])
