"""A document as somebody sends it: taken by its ending and its first bytes, cleaned in a process of its own, kept without names."""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

LARGEST = 10 << 20
SECONDS = 20
ROOT = Path(__file__).resolve().parent.parent.parent


class Kind(NamedTuple):
    content_type: str
    first_bytes: bytes


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    "pdf": Kind("application/pdf", b"%PDF-"),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", b"PK\3\4"),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", b"PK\3\4"),
    "png": Kind("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": Kind("image/jpeg", b"\xff\xd8\xff"),
}
ACCEPT = ",".join(f".{ending}" for ending in (*KINDS, "jpeg"))
SENTENCES = {
    "empty": _("The file is empty."),
    "large": _("The file is larger than 10 MB."),
    "ending": _("Send a PDF, DOCX, XLSX, PNG or JPEG file."),
    "kind": _("The file is not what its name says. Send a PDF, DOCX, XLSX, PNG or JPEG file."),
    "broken": _("The file cannot be read. Does it open on your own computer? Save it anew, and send it once more."),
    "password": _("The file is protected by a password. Send it without one."),
    "unpacks": _("The file unpacks to more than the portal takes."),
    "pixels": _("The picture has more than 25 million pixels."),
    "pages": _("A PDF may have 1 to 500 pages."),
    "program": _("The file holds a program (a macro). Save it without macros, or as PDF."),
    "embedded": _("The file holds another file inside. Send that one on its own, or save this one as PDF."),
}


class Cleaned(NamedTuple):
    """What is kept: `extension` is a key of KINDS."""

    extension: str
    content: bytes


def clean_upload(upload: File) -> Cleaned:
    """Without author, program and file inside; ValidationError in a sentence for what is refused."""
    name = upload.name or ""
    extension = name.rpartition(".")[2].lower().replace("jpeg", "jpg")
    if "." not in name or extension not in KINDS:
        raise refusal("ending")
    if not upload.size:
        raise refusal("empty")
    if upload.size > LARGEST:
        raise refusal("large")
    upload.seek(0)
    raw = upload.read()
    if not raw.startswith(KINDS[extension].first_bytes):
        raise refusal("kind")
    content = _cleaned(extension, raw)
    if len(content) > LARGEST:
        raise refusal("large")
    return Cleaned(extension, content)


def _cleaned(extension: str, raw: bytes) -> bytes:
    command = [sys.executable, "-I", "-c", START, str(ROOT), extension]
    try:
        run = subprocess.run(command, input=raw, capture_output=True, timeout=SECONDS, env={}, cwd="/")
    except subprocess.TimeoutExpired:
        raise refusal("unpacks") from None
    if run.returncode == 0:
        return run.stdout
    code = run.stderr.decode(errors="replace").strip()
    if run.returncode == 3 and code in SENTENCES:
        raise refusal(code)
    raise refusal("unpacks" if run.returncode < 0 else "broken")  # a signal: it wanted more than the limits


# The program's folder alone is added to where Python looks, and nothing of the environment comes along.
START = "import runpy, sys; sys.path.append(sys.argv.pop(1)); runpy.run_module('toolkit.documents.cleaner', run_name='__main__')"


def refusal(code: str) -> ValidationError:
    return ValidationError(SENTENCES[code], code=f"file_{code}")
