"""What the portal ships, read from `data/`. Nothing else is read when the sample is loaded."""

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def table(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file, plain or gzip."""
    return list(csv.DictReader(io.StringIO(_text(name), newline="")))


def document(name: str) -> Any:
    return json.loads(_text(name))


def json_lines(name: str) -> list[dict]:
    return [json.loads(line) for line in _text(name).splitlines()]


def addresses(provenance: str) -> list[str]:
    """The addresses in "http://a (page, 2020); http://b"; what stands in words alone gives none."""
    words = (part.split(maxsplit=1)[0] for part in provenance.split(";") if part.strip())
    return list(dict.fromkeys(word for word in words if word.startswith(("http://", "https://"))))


def parts(text: str) -> list[str]:
    """What semicolons part, but not those in brackets."""
    return [part.strip() for part in re.split(r";(?![^()]*\))", text) if part.strip()]


def _text(name: str) -> str:
    content = (DATA / name).read_bytes()
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8")
