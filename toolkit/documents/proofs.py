"""Papers that the portal has numbered and issued, and the page where whoever holds one verifies it."""

import datetime
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db import connection, models
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from toolkit.limits import too_often
from toolkit.network import client_network


class Issued(models.Model):
    """A paper that was given out. `content` is what it says, with a `name`; `digest` the SHA-256 of its PDF."""

    PREFIX = ""  # of its number

    year = models.SmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("number"))
    code = models.CharField(_("code of the address where it is verified"), max_length=32, unique=True, editable=False)
    content = models.JSONField(_("what it says"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    issued_at = models.DateTimeField(_("issued"), db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("issued by")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"{self.PREFIX}-{self.year}-{self.serial:04d}"


def new_serial(model: type[Issued], year: int) -> int:
    """The next number of the year, from 1. Held until the end of the transaction, so that none is left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{model._meta.label_lower}.serial"])
    last = model._base_manager.filter(year=year).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def day_on_paper(text: str) -> str:
    """A frozen day (2027-03-01) as papers write it. Never changed: the bytes of what was issued hang on it."""
    return formats.date_format(datetime.date.fromisoformat(text), "DATE_FORMAT") if text else ""


def new_code() -> str:
    return secrets.token_urlsafe(12)


def fingerprint(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def initials(name: str) -> str:
    return " ".join(f"{word[0]}." for word in name.split() if word[0].isalpha())


class ProofForm(forms.Form):
    file = forms.FileField(label=_("The document as a file"), widget=forms.FileInput({"accept": ".pdf"}))

    LARGEST = 5 << 20

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > self.LARGEST:
            raise forms.ValidationError(_("This is larger than such a document can be."))
        return file


def verify(request: HttpRequest, issued: QuerySet[Issued], code: str, *, facts) -> HttpResponse:
    """For whoever holds it, signed in or not: initials, what `facts(row)` tells, and no more. Files are compared whole."""
    if too_often(f"proof:{client_network(request)}", limit=60, seconds=3600):
        return render(request, "proofs/wait.html", status=429)
    row = issued.filter(code=code[:64]).first() if "\x00" not in code else None
    if row is None:
        return render(request, "proofs/unknown.html", status=404)
    form = ProofForm(request.POST, request.FILES) if request.method == "POST" else ProofForm()
    verdict = None
    if request.method == "POST" and form.is_valid():
        verdict = secrets.compare_digest(fingerprint(form.cleaned_data["file"].read()), row.digest)
    told: Sequence[tuple[Any, str]] = [(_("Initials"), initials(row.content["name"])), *facts(row)]
    context = {"row": row, "kind": row._meta.verbose_name, "facts": told, "form": form, "verdict": verdict}
    return render(request, "proofs/proof.html", context, status=422 if form.errors else 200)
