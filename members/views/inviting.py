"""Inviting people: to the roles of an institution, and for administrators to those of the alliance."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import can, role_required
from accounts.models import AllianceRole
from accounts.permissions import ADMINISTRATOR
from members.actions.invitations import (
    Closed,
    Offer,
    invite_many,
    invite_person,
    resend_invitation,
    revoke_invitation,
)
from members.actions.roles import demand_staffing
from members.forms.invitation import InvitationForm
from members.forms.invitation_list import ConfirmedListForm, InvitationListForm, Line
from members.forms.problems import put_problems
from members.models import Institution, Invitation
from members.permissions import EDITOR, FOCAL_POINT
from members.views.institution_desk import institution_at_desk

FORM_METHODS = ["GET", "HEAD", "POST"]
PREVIEW = "preview"


@require_http_methods(FORM_METHODS)
@login_required
def institution_invite(request: HttpRequest, slug: str) -> HttpResponse:
    institution = institution_at_desk(request, slug)
    return invite_one(request, institution, roles_open_to(request.user, institution))


@require_http_methods(FORM_METHODS)
@role_required(ADMINISTRATOR)
def alliance_invite(request: HttpRequest) -> HttpResponse:
    return invite_one(request, None, list(AllianceRole.Role.values))


@require_http_methods(FORM_METHODS)
@login_required
def institution_invite_many(request: HttpRequest, slug: str) -> HttpResponse:
    institution = institution_at_desk(request, slug)
    return invite_list(request, institution, roles_open_to(request.user, institution))


@require_http_methods(FORM_METHODS)
@role_required(ADMINISTRATOR)
def alliance_invite_many(request: HttpRequest) -> HttpResponse:
    return invite_list(request, None, list(AllianceRole.Role.values))


def roles_open_to(user, institution: Institution) -> list[str]:
    """A deputy is named on a page of its own, with the days. Whoever may invite to none learns who can."""
    demand_staffing(user, institution, EDITOR)
    return [EDITOR, FOCAL_POINT] if can(user, "lead", institution) else [EDITOR]


def back_to(institution: Institution | None) -> str:
    return f"{institution.desk_url}people/" if institution else "/desk/roles/"


def invite_one(request: HttpRequest, institution: Institution | None, roles: list[str]) -> HttpResponse:
    form = InvitationForm(request.POST if request.method == "POST" else None, roles=roles, initial={"role": roles[0]})
    if form.is_bound and form.is_valid():
        fields = form.cleaned_data
        offer = Offer(fields["email"], fields["role"], fields["name"], fields.get("language", ""))
        try:
            _invitation, on_its_way = invite_person(offer=offer, by=request.user, institution=institution)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            said = (
                _("The invitation to %(address)s is on its way.")
                if on_its_way
                else _("%(address)s is invited already. You can send the mail again below.")
            )
            messages.success(request, said % {"address": offer.email})
            return redirect(back_to(institution))
    context = {"institution": institution, "form": form, "back": back_to(institution)}
    return render(request, "members/invite.html", context, status=422 if form.is_bound else 200)


def invite_list(request: HttpRequest, institution: Institution | None, roles: list[str]) -> HttpResponse:
    """A file is read and shown; what was shown is sent when it is confirmed."""
    context = {"institution": institution, "back": back_to(institution), "roles": roles}
    if request.method != "POST":
        return render(request, "members/invite_many.html", {**context, "form": InvitationListForm(roles=roles)})
    if "text" in request.POST:
        confirmed = ConfirmedListForm(request.POST, roles=roles)
        if confirmed.is_valid():
            return send_list(request, institution, confirmed.lines)
    form = InvitationListForm(request.POST, request.FILES, roles=roles)
    if form.is_valid():
        return render(request, "members/invite_preview.html", {**context, **preview(form, institution)})
    return render(request, "members/invite_many.html", {**context, "form": form}, status=422)


def preview(form, institution: Institution | None) -> dict:
    """Lines with what is wrong beside them; who waits already is left alone."""
    waiting = set(Invitation.objects.open().filter(institution=institution).values_list("email", "role"))
    for line in form.lines:
        line.waits = not line.problems and (line.offer.email, line.role) in waiting
    good = [line for line in form.lines if not line.problems and not line.waits]
    return {
        "lines": form.lines,
        "good": len(good),
        "wrong": sum(bool(line.problems) for line in form.lines),
        "text": form.text,
    }


def send_list(request: HttpRequest, institution: Institution | None, lines: list[Line]) -> HttpResponse:
    offers = [line.offer for line in lines if not line.problems]
    try:
        number = invite_many(offers=offers, by=request.user, institution=institution)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(request.path)
    said = ngettext("%(n)d invitation is on its way.", "%(n)d invitations are on their way.", number) % {"n": number}
    messages.success(request, said if number else _("All of them are invited already; nothing was sent."))
    return redirect(back_to(institution))


# --- One invitation


@require_POST
@login_required
def invitation_resend(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return send_again(request, managed_or_404(request, institution_at_desk(request, slug), pk))


@require_POST
@role_required(ADMINISTRATOR)
def alliance_invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    return send_again(request, managed_or_404(request, None, pk))


@require_POST
@login_required
def invitation_revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return withdraw(request, managed_or_404(request, institution_at_desk(request, slug), pk))


@require_POST
@role_required(ADMINISTRATOR)
def alliance_invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    return withdraw(request, managed_or_404(request, None, pk))


def managed_or_404(request: HttpRequest, institution: Institution | None, pk: int) -> Invitation:
    """What one may see and not manage is refused by the action."""
    rows = Invitation.objects.visible_to(request.user).filter(institution=institution)
    return get_object_or_404(rows.select_related("institution"), pk=pk)


def send_again(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        resend_invitation(invitation=invitation, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        said = _("The mail to %(address)s goes out again; only its link works from now on.")
        messages.success(request, said % {"address": invitation.email})
    return redirect(back_to(invitation.institution))


def withdraw(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    try:
        revoke_invitation(invitation=invitation, by=request.user)
    except Closed as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("The invitation to %(address)s is withdrawn.") % {"address": invitation.email})
    return redirect(back_to(invitation.institution))
