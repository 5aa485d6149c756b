"""Two texts side by side: which words of the one are not in the other."""

import re
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, GONE, NEW = "", "del", "ins"
ALIKE = 0.4  # below it two lines have nothing to do with each other, and single words in common would only confuse

# A number with its decimals is one word, and so is each Chinese, Japanese or Korean sign.
_WORD = re.compile(
    r"\d+(?:[.,]\d+)*|[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]+|\s+|."
)


class Piece(NamedTuple):
    mark: str
    text: str


Line = list[Piece]


def compare(before: list[str], after: list[str]) -> tuple[list[Line], list[Line]]:
    """The lines of both sides in pieces, each marked as gone, new, or the same on both."""
    left: list[Line] = []
    right: list[Line] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, before, after).get_opcodes():
        old, new = before[start:end], after[other_start:other_end]
        if kind == "equal":
            left += [[Piece(SAME, line)] for line in old]
            right += [[Piece(SAME, line)] for line in new]
            continue
        for position in range(max(len(old), len(new))):
            one, other = old[position : position + 1], new[position : position + 1]
            if one and other:
                pieces, others = _compare_words(one[0], other[0])
                left.append(pieces)
                right.append(others)
            elif one:
                left.append([Piece(GONE, one[0])])
            else:
                right.append([Piece(NEW, other[0])])
    return left, right


def _compare_words(before: str, after: str) -> tuple[Line, Line]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new)
    if matcher.ratio() < ALIKE:
        return [Piece(GONE, before)], [Piece(NEW, after)]
    left: Line = []
    right: Line = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        same = kind == "equal"
        _add(left, SAME if same else GONE, old[start:end])
        _add(right, SAME if same else NEW, new[other_start:other_end])
    return left, right


def _add(line: Line, mark: str, words: list[str]) -> None:
    if words:
        line.append(Piece(mark, "".join(words)))
