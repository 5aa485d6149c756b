"""One queue of all that the secretariat looks at before or after others see it: changes to records, and reports of errors."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER, is_secretariat
from anso_portal.models import ErrorReport
from anso_portal.report_actions import close_report, forward_report, institution_of, people_of, reply_to_report
from anso_portal.report_forms import CloseForm, ForwardForm, ReplyForm
from anso_portal.views.report import RECORDS
from members.models import ChangeItem, ChangeRequest
from toolkit.listing import page_of
from workflow.actions import WrongState

PAGE_SIZE = 50
CHANGES, REPORTS = "changes", "reports"
KINDS = {CHANGES: gettext_lazy("changes to records"), REPORTS: gettext_lazy("error reports")}


class Waiting(NamedTuple):
    """A line of the queue, in the order of the columns below."""

    kind: str
    pk: int
    since: Any
    title: str
    is_live: bool
    state: str

    @property
    def url(self) -> str:
        name = "members:moderate" if self.kind == CHANGES else "anso_portal:moderation_report"
        return reverse(name, args=[self.pk])


def changes(user) -> QuerySet:
    live = ChangeItem.objects.filter(request=OuterRef("pk"), live_at__isnull=False)
    return (
        ChangeRequest.objects.visible_to(user)
        .waiting()
        .order_by()
        .annotate(what=Value(CHANGES), since=F("proposed_at"), title=F("institution__name"), is_live=Exists(live))
        .values_list("what", "pk", "since", "title", "is_live", "state")
    )


def reports(user) -> QuerySet:
    return (
        ErrorReport.objects.visible_to(user)
        .filter(state__in=ErrorReport.UNFINISHED)
        .order_by()
        .annotate(what=Value(REPORTS), since=F("created_at"), title=F("record"), is_live=Value(False))
        .values_list("what", "pk", "since", "title", "is_live", "state")
    )


QUEUES = {CHANGES: changes, REPORTS: reports}


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def moderation(request: HttpRequest) -> HttpResponse:
    """The oldest first. A kind that is none gives no rows and says so, as in every list."""
    user = request.user
    asked = request.GET.getlist("kind")
    chosen = [kind for kind in KINDS if kind in asked] or ([] if any(asked) else list(KINDS))
    counts = {kind: QUEUES[kind](user).count() for kind in KINDS}
    queues = [QUEUES[kind](user) for kind in chosen]
    rows = queues[0].union(*queues[1:], all=True).order_by("since", "pk") if queues else []
    context = {
        "page": counted_page(request, rows, sum(counts[kind] for kind in chosen)),
        "kinds": [(kind, label, counts[kind], kind in chosen and any(asked)) for kind, label in KINDS.items()],
        "unknown": [kind[:50] for kind in asked if kind and kind not in KINDS],
        "total": sum(counts.values()),
    }
    return render(request, "anso_portal/moderation.html", context)


class CountedPaginator(Paginator):
    """The rows are counted already, each kind by itself."""

    def __init__(self, rows, size: int, total: int):
        self.count = total  # type: ignore[misc]
        super().__init__(rows, size)


def counted_page(request: HttpRequest, rows, total: int):
    page = page_of(request, CountedPaginator(rows, PAGE_SIZE, total))
    if page:
        page.object_list = [Waiting(*row) for row in page.object_list]
    return page


# --- One report


@require_safe
@login_required
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show_report(request, get_visible_or_404(ErrorReport, request.user, pk=pk))


def show_report(request: HttpRequest, report: ErrorReport, form: forms.Form | None = None) -> HttpResponse:
    """The officer's page, and that of the institution's people, who see less."""
    officer = is_secretariat(request.user)
    institution = institution_of(report)
    given = {type(form): form}
    context = {
        "report": report,
        "officer": officer,
        "institution": institution,
        "edit_url": admin_address(report.address) if officer else "",
        "people": len(people_of(institution)) if officer and institution else 0,
        "is_own": institution is not None and report.forwarded_to_id == institution.pk,
        "close_form": given.get(CloseForm) or CloseForm(),
        "forward_form": given.get(ForwardForm) or ForwardForm(),
        "reply_form": given.get(ReplyForm) or ReplyForm(),
        "form": form,
    }
    return render(request, "anso_portal/moderation_report.html", context, status=422 if form else 200)


def admin_address(address: str) -> str:
    """Where an officer corrects the record that a report is about."""
    try:
        match = resolve(address)
        model, field = RECORDS[match.view_name]
    except (Resolver404, KeyError):
        return ""
    found = model._default_manager.filter(**{field: match.kwargs[field]}).values_list("pk", flat=True).first()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(name, args=[found]) if found else ""


@require_POST
@login_required
def report_close(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(ErrorReport, request.user, pk=pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return show_report(request, report, form)
    try:
        mailed = close_report(report=report, answer=form.cleaned_data["answer"], by=request.user)
    except WrongState as problem:
        return stay(request, report, problem)
    messages.success(request, _("Done. The answer is on its way.") if mailed else _("Done."))
    return redirect("anso_portal:moderation")


@require_POST
@login_required
def report_forward(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(ErrorReport, request.user, pk=pk)
    form = ForwardForm(request.POST)
    if not form.is_valid():
        return show_report(request, report, form)
    try:
        forward_report(report=report, question=form.cleaned_data["question"], by=request.user)
    except WrongState as problem:
        return stay(request, report, problem)
    except ValidationError as problem:
        form.add_error(None, problem)
        return show_report(request, report, form)
    messages.success(request, _("The people of the institution are asked."))
    return redirect(report)


@require_POST
@login_required
def report_reply(request: HttpRequest, pk: int) -> HttpResponse:
    report = get_visible_or_404(ErrorReport, request.user, pk=pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return show_report(request, report, form)
    try:
        reply_to_report(report=report, reply=form.cleaned_data["reply"], by=request.user)
    except WrongState as problem:
        return stay(request, report, problem)
    messages.success(request, _("Thank you: your reply is with the secretariat."))
    return redirect("anso_portal:desk")


def stay(request: HttpRequest, report: ErrorReport, problem: WrongState) -> HttpResponse:
    messages.warning(request, " ".join(problem.messages))
    return redirect(report)
