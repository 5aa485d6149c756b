"""Milestones and outputs: the people of the institution that leads the project and officers keep them, its partners read them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import can, demand
from projects.actions.progress import FIELDS, rows_of, save_progress, version_of
from projects.forms import MilestoneFormSet, OutputFormSet
from projects.models import Milestone, Output, Project
from projects.views.reports import project_of
from toolkit.saving import ChangedMeanwhile


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def milestones(request: HttpRequest, slug: str) -> HttpResponse:
    return _keep(request, slug, Milestone, MilestoneFormSet, _("Milestones"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def outputs(request: HttpRequest, slug: str) -> HttpResponse:
    return _keep(request, slug, Output, OutputFormSet, _("Outputs"))


def _keep(request: HttpRequest, slug: str, model: type[Milestone | Output], formset, title: str) -> HttpResponse:
    project = project_of(request, slug)
    if request.method == "POST":
        demand(
            request.user,
            "tend",
            project,
            _("The people of the institution that leads the project, and officers, can do this."),
        )
    rows = rows_of(project, model)
    context = {"title": title, "is_milestones": model is Milestone}
    if not can(request.user, "tend", project):
        return _show(request, project, **context)
    if request.method != "POST":
        return _show(request, project, formset=formset(initial=rows), version=version_of(rows), **context)
    sent, version = formset(request.POST), request.POST.get("version", "")
    if not sent.is_valid():
        return _show(request, project, formset=sent, version=version, status=422, **context)
    try:
        save_progress(
            project=project,
            model=model,
            rows=[{name: row.cleaned_data[name] for name in FIELDS[model]} for row in sent if row.is_row],
            version=version,
            by=request.user,
        )
    except ChangedMeanwhile:
        return _show(request, project, formset=sent, version=version_of(rows), is_stale=True, status=409, **context)
    except ValidationError as problem:
        return _show(request, project, formset=sent, version=version, problems=problem.messages, status=422, **context)
    messages.success(request, _("Saved."))
    return redirect(request.path)


def _show(request: HttpRequest, project: Project, *, status: int = 200, **context) -> HttpResponse:
    context |= {
        "project": project,
        "milestones": Milestone.objects.visible_to(request.user).filter(project=project),
        "outputs": Output.objects.visible_to(request.user).filter(project=project),
    }
    return render(request, "projects/progress.html", context, status=status)
