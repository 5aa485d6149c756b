"""What the person invited sees. The secret of the link leaves the address at once and never stands in a page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import can, permission
from members.actions.invitations import (
    KEPT,
    Closed,
    accept_invitation,
    decline_invitation,
    invitation_of_token,
    keep_invitation,
    kept_invitation,
)
from members.emails.roles import WHAT_IT_MEANS
from members.models import Invitation
from notifications.emails import alliance_name


@never_cache
@require_safe
def invitation_follow(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. What it led to is kept in the session, for after signing in or up."""
    invitation = invitation_of_token(token)
    if invitation is None:
        return render(request, "members/invitation_gone.html", status=404)
    keep_invitation(request.session, invitation)
    return redirect("members:invitation_offer")


@never_cache
@require_safe
def invitation_offer(request: HttpRequest) -> HttpResponse:
    invitation = kept_invitation(request.session)
    if invitation is None:
        return render(request, "members/invitation_gone.html", status=404)
    if can(request.user, "accept", invitation):
        return redirect("members:invitation_answer", invitation.pk)
    return render(request, "members/invitation_offer.html", offer_of(invitation))


def offer_of(invitation: Invitation) -> dict:
    return {
        "invitation": invitation,
        "where": invitation.institution.name if invitation.institution else alliance_name(),
        "meaning": WHAT_IT_MEANS[invitation.role],
    }


# --- Signed in with the invited address


def own_invitations(user):
    return Invitation.objects.filter(permission("accept", Invitation)(user)).select_related("institution", "invited_by")


def get_own_or_404(user, pk: int) -> Invitation:
    return get_object_or_404(own_invitations(user), pk=pk)


@require_safe
@login_required
def invitation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_own_or_404(request.user, pk)
    is_open = Invitation.objects.open().filter(pk=pk).exists()
    return render(request, "members/invitation_answer.html", {**offer_of(invitation), "is_open": is_open})


@require_POST
@login_required
def invitation_accept(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_own_or_404(request.user, pk)
    try:
        accept_invitation(invitation=invitation, by=request.user)
    except Closed as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("members:invitation_answer", pk)
    request.session.pop(KEPT, None)
    offer = {"role": invitation.get_role_display(), "where": offer_of(invitation)["where"]}
    messages.success(request, _("Welcome: you are now %(role)s of %(where)s.") % offer)
    return redirect(invitation.institution.desk_url if invitation.institution else "/desk/")


@require_POST
@login_required
def invitation_decline(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_own_or_404(request.user, pk)
    try:
        decline_invitation(invitation=invitation, by=request.user)
    except Closed as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("members:invitation_answer", pk)
    request.session.pop(KEPT, None)
    messages.success(request, _("You declined. Whoever invited you is being told."))
    return redirect("/desk/")
