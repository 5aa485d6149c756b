"""Roles in the alliance, for administrators: who is officer, reviewer, administrator, since when and until when."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.models import AllianceRole
from accounts.permissions import ADMINISTRATOR
from members.actions.roles import end_alliance_role, grant_alliance_role
from members.forms.problems import put_problems
from members.forms.roles import AllianceRoleForm, EndForm
from members.models import Invitation
from toolkit.clock import Today

FORMER_SHOWN = 100


@require_safe
@role_required(ADMINISTRATOR)
def alliance_roles(request: HttpRequest) -> HttpResponse:
    roles = AllianceRole.objects.visible_to(request.user).select_related("user", "given_by", "ended_by")
    waiting = Invitation.objects.visible_to(request.user).waiting().filter(institution=None)
    context = {
        "roles": list(roles.not_over().annotate(today=Today()).order_by("role", "user__name", "pk")),
        "former": list(roles.over().order_by("-ends_on", "-pk")[:FORMER_SHOWN]),
        "waiting": list(waiting.with_time().select_related("invited_by").order_by("created_at")),
    }
    return render(request, "members/alliance_roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(ADMINISTRATOR)
def alliance_role_grant(request: HttpRequest) -> HttpResponse:
    form = AllianceRoleForm(request.POST if request.method == "POST" else None, initial={"role": "officer"})
    if form.is_bound and form.is_valid():
        fields = form.cleaned_data
        try:
            grant_alliance_role(user=form.user, role=fields["role"], by=request.user, ends_on=fields["ends_on"])
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            messages.success(request, _("%(person)s holds the role, and is being told.") % {"person": form.user})
            return redirect("members:alliance_roles")
    return render(request, "members/alliance_role_grant.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(ADMINISTRATOR)
def alliance_role_end(request: HttpRequest, pk: int) -> HttpResponse:
    role = get_object_or_404(AllianceRole.objects.visible_to(request.user).select_related("user"), pk=pk)
    if AllianceRole.objects.over().filter(pk=pk).exists():
        messages.info(request, _("This role has ended already."))
        return redirect("members:alliance_roles")
    is_own = role.role == ADMINISTRATOR and role.user_id == request.user.pk
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        end_alliance_role(role=role, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The role has ended. %(person)s is being told.") % {"person": role.user})
        return redirect("members:alliance_roles")
    context = {"role": role, "form": form, "is_own": is_own}
    return render(request, "members/alliance_role_end.html", context, status=422 if form.is_bound else 200)
