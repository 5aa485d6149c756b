"""An institution that is not in the registry, or has nobody to sign: asked for by applicants, answered by officers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from members.actions.names import look_alikes_of
from members.actions.standings import speakers_of
from members.views.choosing import chosen, lookup
from proposals.actions.requests import (
    add_requested,
    name_signatory,
    refuse_request,
    request_institution,
    take_request_back,
    verify_signatory,
)
from proposals.forms.requests import InstitutionRequestForm, RefuseForm, SignatoryForm
from proposals.models import InstitutionRequest, Partner, Signatory
from proposals.views.calls import editable, officers
from proposals.views.writing import not_open, writable

# --- Those who propose


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def institution_request(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    form = InstitutionRequestForm(
        request.POST if request.method == "POST" else None,
        initial={"name": request.GET.get("name", "").replace("\x00", "")[:400]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            request_institution(proposal=proposal, by=request.user, **form.cleaned_data)
            messages.success(request, _("The alliance is asked. You are told what it answers."))
            return redirect("proposals:partners", pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"proposal": proposal, "form": form, "title": _("Ask for an institution")}
    return render(request, "proposals/request.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def institution_request_remove(request: HttpRequest, pk: int, request_pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    asked = get_visible_or_404(InstitutionRequest, request.user, pk=request_pk, proposal=pk)
    take_request_back(request=asked, by=request.user)
    return redirect("proposals:partners", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def signatory_name(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    part = get_visible_or_404(
        Partner.objects.select_related("institution", "proposal"), request.user, pk=partner, proposal=pk
    )
    form = SignatoryForm(
        request.POST if request.method == "POST" else None, instance=part.signatories.waiting().first()
    )
    if request.method == "POST" and form.is_valid():
        try:
            name_signatory(partner=part, by=request.user, **form.cleaned_data)
            messages.success(request, _("The alliance is asked. You are told what it answers."))
            return redirect("proposals:partners", pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"proposal": proposal, "form": form, "part": part, "title": _("Who can sign?")}
    return render(request, "proposals/request.html", context, status=422 if form.errors else 200)


# --- Officers


@require_safe
@officers
def request_list(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    institutions = InstitutionRequest.objects.visible_to(request.user).filter(proposal__call=call)
    signatories = Signatory.objects.visible_to(request.user).filter(partner__proposal__call=call)
    context = {
        "call": call,
        "institutions": institutions.waiting().select_related("country", "by"),
        "signatories": signatories.waiting().select_related("partner__institution", "by"),
        "answered": [
            *institutions.exclude(answered_at=None).select_related("country", "institution", "answered_by"),
            *signatories.exclude(answered_at=None).select_related("partner__institution", "answered_by"),
        ],
    }
    return render(request, "proposals/requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def institution_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    rows = InstitutionRequest.objects.select_related("proposal__call", "country", "by", "institution")
    asked = _asked_of(request, slug, rows, pk, "proposal__")
    institution = chosen(request)

    def grant() -> str:
        another = bool(request.POST.get("another_one"))
        add_requested(request=asked, institution=institution, another_one=another, by=request.user)
        return _("It takes part now, and the applicants are told.")

    alike = look_alikes_of([asked.name]) if asked.answered_at is None else []
    shown = {"institution": institution, "alike": alike, **lookup(request)}
    return _answer(request, asked, grant, "proposals/institution_answer.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def signatory_answer(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    rows = Signatory.objects.select_related("partner__proposal__call", "partner__institution__country", "by")
    asked = _asked_of(request, slug, rows, pk, "partner__proposal__")

    def grant() -> str:
        verify_signatory(signatory=asked, by=request.user)
        return _("The person is invited, and the applicants are told.")

    institution = asked.partner.institution
    shown = {"institution": institution, "speakers": speakers_of(institution)}
    return _answer(request, asked, grant, "proposals/signatory_answer.html", shown)


def _asked_of(request: HttpRequest, slug: str, rows, pk: int, path: str):
    """404 where this officer has a conflict of interest with the proposal."""
    return get_visible_or_404(rows, request.user, pk=pk, **{f"{path}call": editable(request, slug)})


def _answer(
    request: HttpRequest,
    asked: InstitutionRequest | Signatory,
    grant: Callable[[], str],
    template: str,
    shown: dict[str, Any],
) -> HttpResponse:
    """Grants it, or refuses it with a reason."""
    call, refuses = asked.proposal.call, "refuse" in request.POST
    refusal = RefuseForm(request.POST) if refuses else RefuseForm()
    if request.method == "POST":
        try:
            if not refuses:
                messages.success(request, grant())
                return redirect("proposals:requests", call.slug)
            if refusal.is_valid():
                refuse_request(request=asked, reason=refusal.cleaned_data["reason"], by=request.user)
                return redirect("proposals:requests", call.slug)
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
    context = {"call": call, "asked": asked, "refusal": refusal, **shown}
    return render(request, template, context, status=422 if request.method == "POST" else 200)
