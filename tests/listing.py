"""What a test looks at in a list: its rows, the numbers of its facets, its notes, and the same rows as a file."""

import csv
import html
import io
import json
import re

from openpyxl import load_workbook


def rows(response) -> list[str]:
    """The names of the rows on the page, in their order."""
    assert response.status_code == 200
    main = response.content.decode().partition('<main id="main"')[2]
    return [
        html.unescape(name)
        for name in re.findall(r"<li>\s*<h[23]><a href=\"[^\"]*\"><bdi[^>]*>(.*?)</bdi></a></h[23]>", main)
    ]


def facet(response, name: str) -> dict[str, int]:
    """The numbers beside the values of a facet; {} where the facet is not there."""
    found = [one for one in response.context["listing"].facets if one.name == name]
    return {option.value: option.count for one in found for option in one.all}


def selected(response, name: str) -> list[str]:
    (found,) = [one for one in response.context["listing"].facets if one.name == name]
    return [option.value for option in found.all if option.selected]


def notes(response) -> list[str]:
    return [
        html.unescape(note)
        for note in re.findall(r'<div class="note warn"><p dir="auto">(.*?)</p>', response.content.decode())
    ]


def chips(response) -> dict[str, str]:
    """Label → address of each filter that applies."""
    return {chip.label: chip.url for chip in response.context["listing"].chips}


def exported(client, address: str, kind: str) -> list[dict]:
    response = client.get(f"{address}{'&' if '?' in address else '?'}format={kind}")
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f'.{kind}"')
    if kind == "json":
        return json.loads(response.content)
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(response.content.decode(), newline="")))
    names, *values = load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in values]
