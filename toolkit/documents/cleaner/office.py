"""DOCX and XLSX: packed anew without who wrote them, on which machine, and without programs."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator

from toolkit.documents.cleaner import Refused, image

MOST_ENTRIES = 2_000
MOST_UNPACKED = 100 << 20
EPOCH = (1980, 1, 1, 0, 0, 0)

# The parts that say who, with the least that Office takes for whole.
PROPERTIES = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
# Who changed and remarked what, and where a file lay.
NAMES = (
    (re.compile(rb"""(\b(?:w|w15|w16cid|p15):author\s*=\s*)(?:"[^"]*"|'[^']*')"""), rb'\1"Author"'),
    (re.compile(rb"""(\bw:initials\s*=\s*)(?:"[^"]*"|'[^']*')"""), rb'\1""'),
    (re.compile(rb"""(\b(?:w15:userId|userId|providerId|w15:providerId)\s*=\s*)(?:"[^"]*"|'[^']*')"""), rb'\1""'),
    (re.compile(rb"""(<[\w:]*person\b[^>]*\bdisplayName\s*=\s*)(?:"[^"]*"|'[^']*')"""), rb'\1"Author"'),
    (re.compile(rb"""(<[\w:]*fileSharing\b[^>]*\buserName\s*=\s*)(?:"[^"]*"|'[^']*')"""), rb'\1""'),
    (re.compile(rb"(<(?:\w+:)?author(?:\s[^>]*)?>)[^<]*(</(?:\w+:)?author>)"), rb"\1Author\2"),
    (re.compile(rb"(<(?:\w+:)?lastModifiedBy(?:\s[^>]*)?>)[^<]*(</)"), rb"\1\2"),
    (re.compile(rb"<x15ac:absPath\b[^>]*/>"), b""),
)
RELATION = re.compile(rb"<Relationship\b[^>]*/?>")
TARGET = re.compile(rb"""(\bTarget\s*=\s*)(?:"[^"]*"|'[^']*')""")
WEB = re.compile(rb"""\bTarget\s*=\s*["'](?:https?|mailto):""", re.IGNORECASE)
PROGRAMS = re.compile(r"vbaproject|vbadata|macrosheets/|activex/|\.(?:bin|exe|dll|js|vbs|html?|svg)$", re.IGNORECASE)
HARMLESS_BINARY = re.compile(r"(?:printerSettings/|customProperty)[^/]*\.bin$", re.IGNORECASE)
MAIN = ("word/document.xml", "xl/workbook.xml")


def clean(raw: bytes, *, depth: int = 0) -> bytes:
    if _entries(raw) > MOST_ENTRIES:
        raise Refused("unpacks")
    written = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as came, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as kept:
            for name, content in _parts(came, depth):
                kept.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, struct.error, ValueError) as problem:
        raise Refused("broken") from problem
    except RuntimeError as problem:  # what zipfile raises for an encrypted entry
        raise Refused("password") from problem
    return written.getvalue()


def _entries(raw: bytes) -> int:
    """As the end of the archive says, before anything is read of them."""
    at = raw.rfind(b"PK\5\6", max(0, len(raw) - 66_000))
    if at < 0 or len(raw) < at + 22:
        raise Refused("broken")
    return struct.unpack("<H", raw[at + 10 : at + 12])[0]


def _parts(came: zipfile.ZipFile, depth: int) -> Iterator[tuple[str, bytes]]:
    entries = [entry for entry in came.infolist() if not entry.is_dir()]
    names = [entry.filename for entry in entries]
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused("unpacks")
    if len(set(map(str.lower, names))) < len(names) or any(".." in name or name.startswith("/") for name in names):
        raise Refused("broken")
    if "[Content_Types].xml" not in names or not set(names) & set(MAIN):
        raise Refused("kind")
    for entry in entries:
        name = entry.filename
        if PROGRAMS.search(name):
            if HARMLESS_BINARY.search(name):
                continue
            raise Refused("program")
        content = came.read(entry)
        if name == "[Content_Types].xml" and b"macroEnabled" in content:
            raise Refused("program")
        yield name, PROPERTIES.get(name) or _nameless(name, content, depth)


def _nameless(name: str, content: bytes, depth: int) -> bytes:
    ending = name.rpartition(".")[2].lower()
    if ending in ("xml", "rels", "vml"):
        if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in content[:200]:
            raise Refused("broken")  # UTF-16, in which nobody would find a name
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise Refused("broken")
        for pattern, instead in NAMES:
            content = pattern.sub(instead, content)
        return RELATION.sub(_kept_relation, content) if name.endswith(".rels") else content
    if ending in ("png", "jpg", "jpeg"):
        return image.clean(content)
    if ending in ("docx", "xlsx"):  # the table behind a chart
        if depth:
            raise Refused("embedded")
        return clean(content, depth=depth + 1)
    if ending in ("gif", "emf", "wmf", "tif", "tiff", "bmp", "ttf", "odttf", "wdp"):
        return content
    raise Refused("embedded")


def _kept_relation(found: re.Match[bytes]) -> bytes:
    """Not one to what was left out; one that leads outside, only to the web: the path of a template on a disk names its owner."""
    relation = found.group()
    if b"printerSettings" in relation or b"customProperty" in relation:
        return b""
    outside = re.search(rb"""TargetMode\s*=\s*["']External""", relation) and not WEB.search(relation)
    return TARGET.sub(rb'\1"about:blank"', relation) if outside else relation
