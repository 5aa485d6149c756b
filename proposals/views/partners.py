"""The institutions of a proposal: added, described, asked to confirm."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from members.models import InstitutionRole
from members.permissions import SPEAKERS
from members.views.choosing import chosen, lookup
from proposals.actions.content import partners_of
from proposals.actions.drafts import (
    add_partner,
    ask_partners,
    change_partner,
    remove_partner,
)
from proposals.actions.eligibility import findings
from proposals.forms.proposals import PartnerForm
from proposals.models import Partner, Signatory
from proposals.views.writing import not_open, writable
from workflow.actions import WrongState


def show_who_can_sign(partners: list[Partner]) -> None:
    """Adds `lacks_speaker`, where nobody speaks for the institution here, and `named`, who is to."""
    roles = InstitutionRole.objects.current().filter(role__in=SPEAKERS)
    spoken_for = set(
        roles.filter(institution__in=[p.institution_id for p in partners]).values_list("institution", flat=True)
    )
    lacking = [partner for partner in partners if partner.institution_id not in spoken_for]
    named = {one.partner_id: one for one in Signatory.objects.filter(partner__in=lacking)}
    for partner in lacking:
        partner.lacks_speaker, partner.named = True, named.get(partner.pk)  # type: ignore[attr-defined]


@require_safe
@login_required
def partner_list(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    partners = partners_of(proposal)
    show_who_can_sign(partners)
    context = {
        "requests": proposal.institution_requests.filter(institution=None),
        "proposal": proposal,
        "partners": partners,
        "waiting": [partner for partner in partners if partner.signed is None],
        "findings": findings(proposal, partners),
    }
    return render(request, "proposals/partners.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def partner_add(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    institution = chosen(request)
    form = PartnerForm(request.POST if request.method == "POST" and institution else None)
    if request.method == "POST" and institution and form.is_valid():
        try:
            add_partner(
                proposal=proposal,
                institution=institution,
                role=form.cleaned_data["role"],
                contribution=form.cleaned_data["contribution"],
                by=request.user,
            )
            return redirect("proposals:partners", pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"proposal": proposal, "institution": institution, "form": form, **lookup(request)}
    return render(request, "proposals/partner_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def partner_edit(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    part = get_visible_or_404(
        Partner.objects.select_related("institution", "proposal"), request.user, pk=partner, proposal=pk
    )
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=part)
    if request.method == "POST" and form.is_valid():
        change_partner(
            partner=part,
            role=form.cleaned_data.get("role", part.role),
            contribution=form.cleaned_data["contribution"],
            by=request.user,
        )
        return redirect("proposals:partners", pk)
    context = {"proposal": proposal, "part": part, "form": form}
    return render(request, "proposals/partner_edit.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def partner_remove(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    proposal = writable(request, pk)
    part = get_visible_or_404(Partner.objects.select_related("proposal"), request.user, pk=partner, proposal=pk)
    try:
        remove_partner(partner=part, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:partners", proposal.pk)


@require_POST
@login_required
def partners_ask(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    try:
        asked = ask_partners(proposal=proposal, by=request.user)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    if asked:
        messages.success(request, _("Asked: %(names)s") % {"names": ", ".join(p.institution.name for p in asked)})
    return redirect("proposals:partners", pk)
