"""Files of others go out as what we wrote them to be, and a browser that opens one runs nothing of it."""

import io
from typing import IO

from django.core.files.storage import Storage
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

FOREVER = "public, max-age=31536000, immutable"  # a new picture has a new name


def document_response(file: FieldFile, *, name: str, content_type: str) -> FileResponse:
    """A document that `clean_upload` gave, always to be saved and never shown in the page's place (T18)."""
    try:
        opened = file.open("rb")
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    response = FileResponse(opened, content_type=content_type, as_attachment=True, filename=name)
    return _harmless(response, "private, no-store")


def made_response(content: bytes | IO[bytes], *, name: str, content_type: str) -> FileResponse:
    """A document that the portal has just made; the answer closes a file, and reads it from its beginning."""
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    response = FileResponse(file, content_type=content_type, as_attachment=True, filename=name)
    return _harmless(response, "private, no-store")


def picture_response(storage: Storage, name: str, *, public: bool) -> FileResponse:
    """A picture that `clean_picture` wrote. Who may see it is asked before; `public` lets caches keep it."""
    try:
        file = storage.open(name)
    except (FileNotFoundError, IsADirectoryError):
        raise Http404 from None
    response = FileResponse(file, content_type="image/png", as_attachment=True, filename="picture.png")
    return _harmless(response, FOREVER if public else "private, no-store")


def _harmless(response: FileResponse, kept: str) -> FileResponse:
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = kept
    return response
