"""The page of a record's history, the same for every kind of record."""

from collections.abc import Iterable

from django.core.exceptions import BadRequest
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.history.files import KINDS, record_file
from accounts.history.reading import Part, Reader, history_page


def record_history(
    request: HttpRequest,
    record: models.Model,
    parts: Iterable[Part],
    *,
    name: str,
    back: str,
    reader: Reader | None = None,
) -> HttpResponseBase:
    """For a view that has made sure who reads. `name` is the record's, `back` the address that the page belongs to."""
    reader = reader or Reader(request.user)
    kind = request.GET.get("format", "")
    if kind in KINDS:
        return record_file(kind, f"history-{record.slug}", record, parts, reader)  # type: ignore[attr-defined]
    if kind:
        raise BadRequest(_("There is no format “%(value)s”: csv or json.") % {"value": kind[:60]})
    page = history_page(record, parts, reader, after=request.GET.get("after", ""))
    return render(request, "accounts/record_history.html", {"page": page, "name": name, "back": back})
