"""A question that is answered by a table: as many rows as are filled in, of the columns that the call asks for."""

import json

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_ROWS = 30
SPARE = 3  # empty rows that a page offers; the next page, once these are saved, offers as many again
LONGEST_CELL = 500


class TableWidget(forms.Widget):
    """Its value is a list of rows, or the JSON of one."""

    template_name = "forms/table.html"
    use_fieldset = True

    def __init__(self, columns: list[str]):
        super().__init__()
        self.columns = columns

    def get_context(self, name, value, attrs):
        held = json.loads(value or "[]") if isinstance(value, str) else value or []
        width, number = len(self.columns), min(MOST_ROWS, len(held) + SPARE)
        rows = [(row + [""] * width)[:width] for row in [*held, *[[]] * (number - len(held))]]
        cells = [
            [(f"{name}-{r}-{c}", self.columns[c], cell) for c, cell in enumerate(row)] for r, row in enumerate(rows)
        ]
        return {
            **super().get_context(name, value, attrs),
            "columns": self.columns,
            "rows": cells,
            "longest": LONGEST_CELL,
        }

    def value_from_datadict(self, data, files, name):
        rows = [[data.get(f"{name}-{r}-{c}", "").strip() for c in range(len(self.columns))] for r in range(MOST_ROWS)]
        return [row for row in rows if any(row)]

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-0-0" not in data


class TableField(forms.Field):
    """Its normal form is JSON, or nothing where no cell is filled in."""

    def __init__(self, *, columns: list[str], **kwargs):
        super().__init__(widget=TableWidget(columns), **kwargs)
        self.columns = columns

    def clean(self, value: list[list[str]]) -> str:
        for number, row in enumerate(value, 1):
            for column, cell in zip(self.columns, row, strict=True):
                if len(cell) > LONGEST_CELL:
                    said = _("Row %(row)d, “%(column)s”, is longer than %(most)d characters.")
                    raise ValidationError(said % {"row": number, "column": column, "most": LONGEST_CELL})
        return json.dumps(value, ensure_ascii=False) if value else ""
