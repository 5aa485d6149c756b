"""Files of lists: the same columns in each kind, and no cell that a spreadsheet would run."""

import csv
import datetime
import io
import json
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from centers.views.lists import COLUMNS as CENTER_COLUMNS
from exchanges.views.lists import COLUMNS as OFFER_COLUMNS
from members.views.lists import COLUMNS as INSTITUTION_COLUMNS
from members.views.people import COLUMNS as PERSON_COLUMNS
from projects.views.lists import COLUMNS as PROJECT_COLUMNS
from toolkit.listing.exports import export, guard

TRICKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠1"]


def written(kind, *values):
    columns = {f"column{number}": (lambda row, number=number: row.values[number]) for number in range(len(values))}
    response = export(kind, "things", columns, [SimpleNamespace(values=values)])
    assert response["Content-Disposition"] == f'attachment; filename="things.{kind}"'
    if kind == "json":
        return list(json.loads(response.content)[0].values())
    if kind == "csv":
        _names, row = csv.reader(io.StringIO(response.content.decode(), newline=""))
        return row
    _names, row = load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    return list(row)


@pytest.mark.parametrize("text", TRICKY)
def test_a_text_that_begins_like_a_formula_is_quoted(text):
    assert guard(text) == f"'{text}"
    assert written("csv", text) == [f"'{text}"]
    assert written("json", text) == [text]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "＝1"])
def test_a_formula_is_text_in_a_spreadsheet(text):
    assert written("xlsx", text) == [f"'{text}"]


@pytest.mark.parametrize("text", ["1=1", "a@b", "Name", "", "'=1", "中国"])
def test_other_texts_stay_as_they_are(text):
    assert guard(text) == text


def test_numbers_stay_numbers():
    numbers = [-1, Decimal("-33.5"), -0.5, 10**6]

    assert [guard(number) for number in numbers] == numbers
    assert written("csv", *numbers) == ["-1", "-33.5", "-0.5", "1000000"]
    assert written("xlsx", *numbers) == [-1, -33.5, -0.5, 1000000]
    assert written("json", *numbers) == [-1, -33.5, -0.5, 1000000]


def test_each_kind_writes_nothing_lists_days_and_moments_in_its_own_way():
    moment = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
    values = [None, True, ["=a", "b"], datetime.date(2026, 11, 23), moment]

    assert written("csv", *values) == ["", "true", "'=a; b", "2026-11-23", "2026-11-23T04:00:00Z"]
    assert written("json", *values) == [None, True, ["=a", "b"], "2026-11-23", "2026-11-23T04:00:00Z"]
    assert written("xlsx", *values) == [None, True, "'=a; b", datetime.datetime(2026, 11, 23), "2026-11-23T04:00:00Z"]


def test_what_a_spreadsheet_cannot_hold_is_left_out():
    assert written("xlsx", "a\x0bb\x00c", "x" * 40_000) == ["abc", "x" * 32_767]


def test_every_column_is_documented_in_its_order():
    text = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")

    for heading, columns in {
        "Members": INSTITUTION_COLUMNS,
        "Centers": CENTER_COLUMNS,
        "Projects": PROJECT_COLUMNS,
        "Exchanges": OFFER_COLUMNS,
        "People": PERSON_COLUMNS,
    }.items():
        section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        named = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
        assert named == [*columns, "address"], heading
