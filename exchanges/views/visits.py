"""Before and after the days of a stay: what has to be ready, and the report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import demand, get_visible_or_404
from exchanges.actions.visits import confirm_report, do_task, judge_report, write_report
from exchanges.forms import JudgeForm, ReportForm
from exchanges.models import StayReport, StayTask
from exchanges.views.stays import done, show, stay_of


@require_POST
@login_required
def task_done(request: HttpRequest, pk: int, task: int) -> HttpResponse:
    stay = stay_of(request, pk)
    row = get_visible_or_404(StayTask, request.user, pk=task, stay=pk)
    do_task(task=row, done=bool(request.POST.get("done")), by=request.user)
    return redirect(stay)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report_write(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    demand(request.user, "write", stay, _("The scientist can do this."))
    known = StayReport.objects.filter(stay=stay).first()
    form = ReportForm(request.POST if request.method == "POST" else None, initial={"text": known.text if known else ""})
    if request.method == "POST" and form.is_valid():
        try:
            submit = "submit" in request.POST
            write_report(stay=stay, text=form.cleaned_data["text"], submit=submit, by=request.user)
            messages.success(request, _("Submitted: the host confirms it.") if submit else _("Saved."))
            return redirect(stay)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
    context = {"stay": stay, "form": form, "report": known}
    return render(request, "exchanges/stay_report.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def report_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    report = get_visible_or_404(StayReport, request.user, stay=pk)
    return done(request, stay, lambda: confirm_report(report=report, by=request.user))


@require_POST
@login_required
def report_judge(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    report = get_visible_or_404(StayReport, request.user, stay=pk)
    demand(request.user, "approve", stay, _("An officer who acts for neither institution can do this."))
    form = JudgeForm(request.POST)
    if form.is_valid():
        try:
            judge_report(
                report=report, accept="accept" in request.POST, answer=form.cleaned_data["answer"], by=request.user
            )
            return redirect(stay)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
    return show(request, stay, status=422, judge_form=form)
