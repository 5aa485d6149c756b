"""The grant agreement: officers record it, the people of the institution that leads the project read it."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import can, demand
from projects.actions.grants import FIELDS, save_grant
from projects.forms import GrantForm, InstalmentFormSet
from projects.models import Grant, Project
from projects.views.reports import project_of
from toolkit.saving import ChangedMeanwhile

ROW = ("due_on", "amount", "condition", "paid_on")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grant(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_of(request, slug)
    if request.method == "POST":
        demand(request.user, "edit", project, _("Officers can do this."))
    known = Grant.objects.visible_to(request.user).filter(project=project).first()
    if not can(request.user, "edit", project):
        if known is None:
            raise Http404
        return show(request, project, known)
    rows = list(known.instalments.values(*ROW)) if known else []
    if request.method != "POST":
        initial = {name: getattr(known, name) for name in (*FIELDS, "revision")} if known else {"revision": 0}
        return show(request, project, known, GrantForm(initial=initial), InstalmentFormSet(initial=rows))
    form, instalments = GrantForm(request.POST), InstalmentFormSet(request.POST)
    if not (form.is_valid() & instalments.is_valid()):
        return show(request, project, known, form, instalments, status=422)
    values = dict(form.cleaned_data)
    try:
        save_grant(
            project=project,
            revision=values.pop("revision"),
            values=values,
            instalments=[{name: row.cleaned_data[name] for name in ROW} for row in instalments if row.is_row],
            by=request.user,
        )
    except ChangedMeanwhile:
        form.data = {**form.data.dict(), "revision": known.revision if known else 0}
        return show(request, project, known, form, instalments, stale=True, status=409)
    except ValidationError as problem:
        form.add_error(None, problem.messages)
        return show(request, project, known, form, instalments, status=422)
    return redirect("projects:grant", slug)


def show(
    request: HttpRequest, project: Project, known: Grant | None, form=None, rows=None, *, stale=False, status=200
) -> HttpResponse:
    context = {
        "project": project,
        "grant": known,
        "instalments": known.instalments.all() if known else [],
        "form": form,
        "formset": rows,
        "is_stale": stale,
    }
    return render(request, "projects/grant.html", context, status=status)
