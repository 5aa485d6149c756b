"""Reports of a project: what it owes, the page on which one is written, and what officers answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import can, demand, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER, is_secretariat
from members.permissions import acting_for
from projects.actions.reports import (
    ask_for_reports,
    draft_of,
    judge_report,
    save_report,
    submit_report,
    take_back,
)
from projects.forms import JudgeForm, ReportForm, ScheduleForm
from projects.models import Project, Report, ReportVersion
from toolkit.saving import ChangedMeanwhile


def project_of(request: HttpRequest, slug: str) -> Project:
    """For its institutions and the secretariat; to others these pages are not there, whatever the project's page shows."""
    project = get_visible_or_404(Project.objects.only("slug", "title", "acronym"), request.user, slug=slug)
    inside = is_secretariat(request.user) or project.participations.filter(institution__in=acting_for(request.user))
    if not inside:
        raise Http404
    return project


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report_list(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    may_ask = can(request.user, "edit", project)
    form = ScheduleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        demand(request.user, "edit", project, _("Officers can do this."))
        if form.is_valid():
            try:
                made = ask_for_reports(project=project, schedule=form.schedule(), by=request.user)
                said = ngettext("Asked for %(n)d report.", "Asked for %(n)d reports.", len(made)) % {"n": len(made)}
                messages.success(request, said)
                return redirect("projects:reports", slug)
            except ValidationError as problem:
                form.add_error(None, problem)
    reports = Report.objects.visible_to(request.user).filter(project=project).with_lateness().select_related("project")
    context = {"project": project, "reports": reports, "form": form, "may_ask": may_ask}
    return render(request, "projects/reports.html", context, status=422 if form.errors else 200)


def report_of(request: HttpRequest, slug: str, pk: int) -> Report:
    project = project_of(request, slug)
    rows = Report.objects.with_lateness().select_related("project")
    return get_visible_or_404(rows, request.user, pk=pk, project=project)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Saving keeps a draft; submitting saves it first, so that nothing typed is lost whatever is missing."""
    owed = report_of(request, slug, pk)
    may_write = can(request.user, "write", owed) and owed.is_waiting
    draft = draft_of(owed)
    if request.method != "POST":
        initial = {name: getattr(draft, name) for name in ("public_text", "private_text", "revision")}
        return show(request, owed, ReportForm(initial=initial) if may_write else None)
    demand(request.user, "write", owed, _("Whoever acts for the institution that leads the project can write it."))
    form = ReportForm(request.POST)
    if not form.is_valid():
        return show(request, owed, form, status=422)
    try:
        save_report(report=owed, by=request.user, **form.cleaned_data)
    except ChangedMeanwhile:
        form.data = {**form.data.dict(), "revision": draft.revision}
        return show(request, owed, form, now=draft, status=409)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(owed)
    if "submit" not in request.POST:
        messages.success(request, _("Saved. It is not submitted yet."))
        return redirect(owed)
    try:
        submit_report(report=owed, by=request.user)
        messages.success(request, _("Submitted: the alliance reads it and answers."))
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        form.data = {**form.data.dict(), "revision": form.cleaned_data["revision"] + 1}
        return show(request, owed, form, status=422)
    return redirect(owed)


def show(request: HttpRequest, owed: Report, form, *, now=None, judge_form=None, status: int = 200) -> HttpResponse:
    versions = ReportVersion.objects.visible_to(request.user).filter(report=owed, submitted_at__isnull=False)
    may_judge = owed.state == Report.State.SUBMITTED and can(request.user, "judge", owed)
    context = {
        "report": owed,
        "project": owed.project,
        "form": form,
        "now": now,
        "versions": versions.select_related("by"),
        "judge_form": (judge_form or JudgeForm()) if may_judge else None,
        "may_take_back": can(request.user, "edit", owed.project) and not owed.versions.exists(),
    }
    return render(request, "projects/report.html", context, status=status)


@require_POST
@role_required(OFFICER, ADMINISTRATOR)
def report_judge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    owed = report_of(request, slug, pk)
    demand(request.user, "judge", owed, _("An officer who acts for none of its institutions can do this."))
    form = JudgeForm(request.POST)
    if not form.is_valid():
        return show(request, owed, None, judge_form=form, status=422)
    try:
        accept = form.cleaned_data["verdict"] == "accept"
        judge_report(report=owed, accept=accept, answer=form.cleaned_data["answer"], by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(owed)


@require_POST
@role_required(OFFICER, ADMINISTRATOR)
def report_remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    owed = report_of(request, slug, pk)
    try:
        take_back(report=owed, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("projects:reports", slug)
