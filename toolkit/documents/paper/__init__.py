"""The portal's one maker of PDF: from words and tables to a paper, by typst, without a system library.

Nothing that somebody typed is read as markup: it reaches the paper as data (T21), and the paper can read no file and no address.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import typst

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """A heading with rows of (label, text), or a table: `columns` of words, `lines` of cells, all of one width."""

    heading: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    total: list[str] = field(default_factory=list)
    last_is_number: bool = True


@dataclass(frozen=True)
class Paper:
    kicker: str
    title: str
    language: str
    date: str  # 2027-03-31, of what it tells
    footer: str
    lead: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    page_words: str = "{page} / {pages}"


def make_pdf(paper: Paper) -> bytes:
    """A PDF/A-2b file. The same paper gives the same bytes."""
    return typst.compile(
        str(HERE / "paper.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        sys_inputs={"paper": json.dumps(asdict(paper), ensure_ascii=False)},
        pdf_standards=["a-2b"],
    )
