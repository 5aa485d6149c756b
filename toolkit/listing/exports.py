"""The rows of a list as a file: CSV, XLSX or JSON, with the same columns in each."""

import csv
import datetime
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from toolkit.downloads import attachment

Columns = Mapping[str, str | Callable[[Any], Any]]

# What spreadsheets take for the beginning of a formula, in half and full width.
_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
_LONGEST_CELL = 32_767  # of Excel


def export(kind: str, name: str, columns: Columns, rows: Iterable) -> HttpResponse:
    """`columns`: for each name an attribute of the row, or a function of it. Their names and order are a promise."""
    content_type, write = WRITERS[kind]
    values = ([_value(row, column) for column in columns.values()] for row in rows)
    response = HttpResponse(write(list(columns), values), content_type=content_type)
    response["Content-Disposition"] = attachment(f"{name}.{kind}")
    return response


def guard(cell: Any) -> Any:
    """A text that a spreadsheet would run gets an apostrophe before it; a number stays a number."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _value(row: Any, column: str | Callable[[Any], Any]) -> Any:
    value = getattr(row, column) if isinstance(column, str) else column(row)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _csv(names: list[str], rows: Iterator[list]) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(names)
    writer.writerows([guard(_cell(value)) for value in row] for row in rows)
    return file.getvalue().encode()


def _xlsx(names: list[str], rows: Iterator[list]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(names)
    for row in rows:
        sheet.append([_spreadsheet_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _json(names: list[str], rows: Iterator[list]) -> bytes:
    records = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
    return json.dumps(records, ensure_ascii=False, indent=1).encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime.date) else value


def _spreadsheet_cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | datetime.date):
        return value
    cell = guard(_cell(value))
    return ILLEGAL_CHARACTERS_RE.sub("", cell)[:_LONGEST_CELL] if isinstance(cell, str) else cell


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


WRITERS: dict[str, tuple[str, Callable[[list[str], Iterator[list]], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "json": ("application/json", _json),
}
