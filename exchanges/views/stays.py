"""Stays: applied for by a scientist, answered by home and host, approved by an officer. One page shows where each stands."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404, permission
from accounts.permissions import has_confirmed_address, is_secretariat
from exchanges.actions.capacity import crowd_at
from exchanges.actions.stays import (
    answer_stay,
    approve_stay,
    begin_stay,
    cancel_stay,
    decline_stay,
    findings,
    obstacles,
    save_stay,
    submit_stay,
    withdraw_stay,
)
from exchanges.desk import next_step
from exchanges.forms import AnswerForm, JudgeForm, ReasonForm, StayForm
from exchanges.models import Offer, Stay, StayAct, StayReport, StayTask
from exchanges.workflow import needed_courses
from members.models import Institution
from members.permissions import acting_for
from members.views.choosing import chosen, lookup
from workflow.models import Step
from workflow.tables import table_of

SHOWN = 100


# --- Beginning


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def stay_start(request: HttpRequest, slug: str) -> HttpResponse:
    """From which institution somebody comes: one of the own, or another one, whose focal point supports it anyway."""
    offer = get_visible_or_404(Offer.objects.for_rows().select_related("programme"), request.user, slug=slug)
    if not has_confirmed_address(request.user):
        raise PermissionDenied(_("Confirm your e-mail address first."))
    home = chosen(request)
    problems: list[str] = []
    if request.method == "POST" and home:
        try:
            return redirect("exchanges:stay_edit", begin_stay(offer=offer, home=home, by=request.user).pk)
        except ValidationError as problem:
            problems = problem.messages
    own = Q(pk__in=acting_for(request.user)) | Q(affiliations__person__user=request.user)
    context = {
        "offer": offer,
        "home": home,
        "own": list(Institution.objects.filter(own).distinct().order_by("sort_key")),
        "problems": problems,
        **lookup(request),
    }
    return render(request, "exchanges/start.html", context, status=422 if problems else 200)


def stay_of(request: HttpRequest, pk: int) -> Stay:
    related = ("offer__programme", "home__country", "host__country", "applicant", "project")
    return get_visible_or_404(Stay.objects.select_related(*related), request.user, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def stay_edit(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    demand(request.user, "write", stay, _("The scientist can do this."))
    if stay.state != Stay.State.DRAFT:
        messages.info(request, _("It is submitted: it cannot be changed any more."))
        return redirect(stay)
    form = StayForm(request.POST if request.method == "POST" else None, instance=stay)
    if request.method == "POST" and form.is_valid():
        try:
            save_stay(stay=stay, values=form.cleaned_data, by=request.user)
            messages.success(request, _("Saved."))
            return redirect(stay)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
    return render(request, "exchanges/stay_edit.html", {"stay": stay, "form": form}, status=422 if form.errors else 200)


# --- Looking


@require_safe
@login_required
def stay_list(request: HttpRequest) -> HttpResponse:
    """The own ones, and those that somebody answers or works for."""
    rows = Stay.objects.visible_to(request.user).for_rows().order_by("-changed_at", "-pk")
    context = {
        "mine": rows.filter(applicant=request.user)[:SHOWN],
        "others": rows.exclude(applicant=request.user)[:SHOWN],
        "offers": Offer.objects.open().order_by("apply_by")[:5],
        "hosts": bool(acting_for(request.user)),
        "is_office": is_secretariat(request.user),
    }
    return render(request, "exchanges/stay_list.html", context)


@require_safe
@login_required
def stay_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, stay_of(request, pk))


def show(request: HttpRequest, stay: Stay, *, status: int = 200, **forms) -> HttpResponse:
    """With every form that this person may use now; one that was sent and is wrong comes in `forms`."""
    user, acts = request.user, {act.kind: act for act in stay.acts.all()}
    may = {act: can(user, act, stay) for act in ("write", "support", "agree", "approve")}
    is_draft, asked = stay.state == Stay.State.DRAFT, stay.state == Stay.State.SUBMITTED
    report = StayReport.objects.visible_to(user).filter(stay=stay).first()
    said = findings(stay)
    soon = stay.state in (Stay.State.APPROVED, Stay.State.SCHEDULED)
    before = soon or is_draft or stay.state in Stay.ASKED
    letter = stay.letters.filter(revoked_at__isnull=True).first()
    doable = set(stay.tasks.filter(permission("do", StayTask)(user)).values_list("pk", flat=True)) if soon else set()
    context = {
        "stay": stay,
        "may": may,
        "missing": obstacles(stay, said) if is_draft and may["write"] else [],
        "findings": said,
        "home_act": acts.get(StayAct.Kind.HOME),
        "host_act": acts.get(StayAct.Kind.HOST),
        "home_form": AnswerForm(prefix="home") if asked and may["support"] and "home" not in acts else None,
        "host_form": AnswerForm(prefix="host") if asked and may["agree"] and "host" not in acts else None,
        "decline_form": ReasonForm() if stay.state == Stay.State.AGREED and may["approve"] else None,
        "cancel_form": ReasonForm() if soon and any(may[act] for act in ("support", "agree", "approve")) else None,
        "may_withdraw": may["write"] and (stay.state in Stay.ASKED or soon or is_draft),
        "overlaps": Stay.objects.overlapping(stay).for_rows() if may["approve"] else [],
        "crowd": crowd_at(stay) if stay.state in Stay.ASKED and (may["agree"] or may["approve"]) else None,
        "trainings": list(needed_courses(stay)) if before else [],
        "tasks": [(task, task.pk in doable) for task in stay.tasks.all()],
        "letter": letter,
        "may_issue": may["agree"] and stay.state == Stay.State.APPROVED and not letter,
        "report": report,
        "may_report": may["write"] and stay.state in (Stay.State.UNDER_WAY, Stay.State.REPORT_DUE),
        "judge_form": JudgeForm() if may["approve"] and report and stay.state == Stay.State.REPORT_DUE else None,
        "steps": [
            (table_of(stay).state_label(step.target), step) for step in Step.objects.of(stay).select_related("by")
        ],
        "next_step": next_step(stay),
        **forms,
    }
    return render(request, "exchanges/stay_detail.html", context, status=status)


def done(request: HttpRequest, stay: Stay, act: Callable[[], Any], said: str = "") -> HttpResponse:
    """Back on the page of the stay, which says that it was done or why it was not."""
    try:
        act()
        if said:
            messages.success(request, said)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(stay)


# --- Acts: each is a button or a short form on the page of the stay


@require_POST
@login_required
def stay_submit(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    demand(request.user, "write", stay, _("The scientist can do this."))
    try:
        submit_stay(stay=stay, by=request.user)
        messages.success(request, _("Submitted: home and host are asked."))
    except ValidationError as problem:
        return show(request, stay_of(request, pk), status=422, missing=problem.messages)
    return redirect(stay)


@require_POST
@login_required
def stay_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    reason = request.POST.get("reason", "").replace("\x00", "")[:1000]
    return done(request, stay, lambda: withdraw_stay(stay=stay, by=request.user, reason=reason))


@require_POST
@login_required
def home_answer(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(request, pk, StayAct.Kind.HOME, "support")


@require_POST
@login_required
def host_answer(request: HttpRequest, pk: int) -> HttpResponse:
    return _answer(request, pk, StayAct.Kind.HOST, "agree")


def _answer(request: HttpRequest, pk: int, kind: StayAct.Kind, act: str) -> HttpResponse:
    stay = stay_of(request, pk)
    demand(
        request.user,
        act,
        stay,
        _("A focal point or deputy of the institution can say this, and nobody for the own stay."),
    )
    form = AnswerForm(request.POST, prefix=kind.value)
    if form.is_valid():
        return done(request, stay, lambda: answer_stay(stay=stay, kind=kind, by=request.user, **form.cleaned_data))
    return show(request, stay, status=422, **{f"{kind.value}_form": form})


@require_POST
@login_required
def stay_approve(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    said = _("Approved: everybody who takes part is told.")
    return done(request, stay, lambda: approve_stay(stay=stay, by=request.user), said)


@require_POST
@login_required
def stay_decline(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, decline_stay, "decline_form", ("approve",))


@require_POST
@login_required
def stay_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _with_reason(request, pk, cancel_stay, "cancel_form", ("support", "agree", "approve"))


def _with_reason(request: HttpRequest, pk: int, act, name: str, rules: tuple[str, ...]) -> HttpResponse:
    stay = stay_of(request, pk)
    if not any(can(request.user, rule, stay) for rule in rules):
        raise PermissionDenied(_("Home, host and officers can do this, each for their part."))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, stay, status=422, **{name: form})
    return done(request, stay, lambda: act(stay=stay, by=request.user, reason=form.cleaned_data["reason"]))
