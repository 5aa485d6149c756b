"""The people of an institution at its desk: who holds which role, who stands in, who comes after."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import can, demand, permission, visible
from accounts.models import User
from members.actions.invitations import Offer, invite_person
from members.actions.roles import demand_staffing, end_role, hand_over, name_deputy
from members.forms.problems import put_problems
from members.forms.roles import DeputyForm, EndForm, EndLastForm, SuccessorForm
from members.models import Institution, InstitutionRole, Invitation
from members.permissions import DEPUTY, FOCAL_POINT
from members.views.institution_desk import in_order, institution_at_desk
from toolkit.clock import Today

FORMER_SHOWN = 100
ANSWERED_SHOWN = 20


@require_safe
@login_required
def institution_people(request: HttpRequest, slug: str) -> HttpResponse:
    institution, user = institution_at_desk(request, slug), request.user
    roles = (
        visible(institution.roles.all(), user).select_related("user", "given_by", "ended_by").annotate(today=Today())
    )
    endable = InstitutionRole.objects.filter(permission("end", InstitutionRole)(user), institution=institution)
    invitations = Invitation.objects.visible_to(user).filter(institution=institution).select_related("invited_by")
    managed = Invitation.objects.filter(permission("manage", Invitation)(user), institution=institution).waiting()
    context = {
        "institution": institution,
        "roles": in_order(roles.not_over()),
        "former": list(roles.over().order_by("-ends_on", "-pk")[:FORMER_SHOWN]),
        "endable": set(endable.not_over().values_list("pk", flat=True)),
        "waiting": list(invitations.waiting().with_time().order_by("created_at")),
        "managed": set(managed.values_list("pk", flat=True)),
        "answered": list(
            invitations.filter(state__in=["declined", "revoked"]).order_by("-answered_at")[:ANSWERED_SHOWN]
        ),
        "may_staff": can(user, "staff", institution),
        "may_lead": can(user, "lead", institution),
    }
    return render(request, "members/institution_people.html", context)


def colleagues(institution: Institution, *, besides: User | None = None) -> list[User]:
    held = institution.roles.current().exclude(user=besides) if besides else institution.roles.current()
    return list(User.objects.active().filter(pk__in=held.values("user")).order_by("name", "pk"))


def answer_form(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """The form, empty or with what is wrong."""
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def role_or_404(request: HttpRequest, slug: str, pk: int, **lookup) -> InstitutionRole:
    """Also one that is over, and an own one of an institution that one has left: a second click gets an answer."""
    rows = InstitutionRole.objects.visible_to(request.user).select_related("user", "institution")
    return get_object_or_404(rows, pk=pk, institution__slug=slug, **lookup)


def is_over(role: InstitutionRole) -> bool:
    return InstitutionRole.objects.over().filter(pk=role.pk).exists()


def to_people(request: HttpRequest, institution: Institution) -> HttpResponse:
    """Or to the own desk, for whoever has just left."""
    may = can(request.user, "act", institution)
    return redirect("members:institution_people", institution.slug) if may else redirect("anso_portal:desk")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def role_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    role, user = role_or_404(request, slug, pk), request.user
    institution = role.institution
    if is_over(role):
        messages.info(request, _("This role has ended already."))
        return to_people(request, institution)
    if not can(user, "end", role):
        demand_staffing(user, institution, role.role)
    last = _is_last(role)
    may_override = last and can(user, "edit", role)
    form = (EndLastForm if may_override else EndForm)(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            end_role(role=role, by=user, reason=form.cleaned_data["reason"], last_too=may_override)
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            messages.success(request, _("The role has ended. %(person)s is being told.") % {"person": role.user})
            return to_people(request, institution)
    context = {"institution": institution, "role": role, "form": form, "last": last, "may_override": may_override}
    return answer_form(request, "members/role_end.html", context | {"is_own": role.user_id == user.pk})


def _is_last(role: InstitutionRole) -> bool:
    lasting = role.institution.roles.lasting_focal_points()
    return role.role == FOCAL_POINT and not lasting.exclude(pk=role.pk).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deputy_name(request: HttpRequest, slug: str) -> HttpResponse:
    institution, user = institution_at_desk(request, slug), request.user
    demand_staffing(user, institution, DEPUTY)
    form = DeputyForm(
        request.POST if request.method == "POST" else None, colleagues=colleagues(institution, besides=user)
    )
    if form.is_bound and form.is_valid():
        days = {name: form.cleaned_data[name] for name in ("starts_on", "ends_on")}
        try:
            if form.chosen:
                name_deputy(institution=institution, colleague=form.chosen, by=user, **days)
                said = _("%(person)s stands in for these days, and is being told.") % {"person": form.chosen}
            else:
                offer = Offer(form.cleaned_data["email"], DEPUTY)
                invite_person(offer=offer, by=user, institution=institution, **days)
                said = _("The invitation to %(address)s is on its way.") % {"address": offer.email}
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            messages.success(request, said)
            return redirect("members:institution_people", slug)
    return answer_form(request, "members/deputy_name.html", {"institution": institution, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def role_hand_over(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Of one's own role as focal point; the secretariat does it for somebody who cannot."""
    role, user = role_or_404(request, slug, pk, role=FOCAL_POINT), request.user
    institution = role.institution
    if role.user_id != user.pk:
        demand(user, "edit", role, _("Only the focal point and the secretariat can hand over."))
    if is_over(role):
        messages.info(request, _("This role has ended already."))
        return to_people(request, institution)
    form = SuccessorForm(
        request.POST if request.method == "POST" else None, colleagues=colleagues(institution, besides=role.user)
    )
    if form.is_bound and form.is_valid():
        try:
            if form.chosen:
                hand_over(role=role, successor=form.chosen, by=user)
                said = _("%(person)s is focal point from now on, and is being told.") % {"person": form.chosen}
            else:
                offer = Offer(form.cleaned_data["email"], FOCAL_POINT)
                invite_person(offer=offer, by=user, institution=institution, succeeds=role)
                said = _("The invitation to %(address)s is on its way. Until it is accepted, nothing changes.") % {
                    "address": offer.email
                }
        except ValidationError as problem:
            put_problems(form, problem)
        else:
            messages.success(request, said)
            return to_people(request, institution)
    context = {"institution": institution, "form": form, "role": role, "is_own": role.user_id == user.pk}
    return answer_form(request, "members/role_hand_over.html", context)
