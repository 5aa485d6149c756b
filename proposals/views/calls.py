"""Calls for officers: making one, its form, its dates, and what came in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from proposals.actions.calls import change_deadline, copy_call, make_call, publish_call
from proposals.actions.decisions import apply_decisions, decidable, make_project, write_decision
from proposals.actions.lateness import make_late_code
from proposals.forms.calls import (
    CallForm,
    CopyForm,
    DeadlineForm,
    DecisionForm,
    LateCodeForm,
    PartForm,
    QuestionFormSet,
)
from proposals.models import Call, CallPart, LateCode, Partner, Proposal
from toolkit.listing.exports import export
from vocabularies.countries import country_name

officers = role_required(OFFICER, ADMINISTRATOR)
PROPOSALS_SHOWN = 500


def editable(request: HttpRequest, slug: str) -> Call:
    call = get_visible_or_404(Call.objects.with_status(), request.user, slug=slug)
    demand(request.user, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    return call


@require_safe
@officers
def call_desk_list(request: HttpRequest) -> HttpResponse:
    calls = Call.objects.visible_to(request.user).for_rows().annotate(number=Count("proposals"))
    given = set(request.user.calls_given.values_list("call", flat=True))
    return render(request, "proposals/desk_calls.html", {"calls": calls.order_by("-pk")[:100], "given": given})


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def call_new(request: HttpRequest) -> HttpResponse:
    form = CallForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        call = make_call(call=form.save(commit=False), by=request.user)
        form.instance = call
        form.save_m2m()
        return redirect(call.desk_url)
    return render(request, "proposals/call_edit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def call_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Of a published call the texts only: its deadline has a page of its own, which tells the applicants."""
    call = editable(request, slug)
    form = CallForm(request.POST if request.method == "POST" else None, instance=call)
    if call.state != Call.State.DRAFT:
        for name in (
            "code",
            "zone",
            "opens_at",
            "closes_at",
            "internal_closes_at",
            "grace_minutes",
            "rules",
            "currency",
        ):
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(call.desk_url)
    return render(request, "proposals/call_edit.html", {"form": form, "call": call}, status=422 if form.errors else 200)


@require_safe
@officers
def call_desk(request: HttpRequest, slug: str) -> HttpResponse:
    """Numbers are counted over what this officer may see: a conflict hides a proposal here, too."""
    call = editable(request, slug)
    rows = decidable(call, request.user)
    kind = request.GET.get("format", "")
    if kind in ("csv", "xlsx", "json"):
        return export(kind, f"{call.slug}-proposals", COLUMNS, exported(rows))
    labels = dict(Proposal.State.choices)
    context = {
        "call": call,
        "states": [(labels[state], n) for state, n in rows.order_by().values_list("state").annotate(n=Count("pk"))],
        "proposals": rows.for_rows().select_related("decision").order_by("number")[:PROPOSALS_SHOWN],
        "countries": countries_of(rows),
        "drafts": drafts_of(call) if call.state == Call.State.PUBLISHED else None,
        "parts": call.parts.annotate(number=Count("questions")),
        "moves": moves(call, request.user),
        "copy_form": CopyForm(),
        "may_staff": can(request.user, "staff", call),
    }
    return render(request, "proposals/desk_call.html", context)


def countries_of(rows) -> list[tuple[str, int]]:
    """Where the lead institutions are, the most proposals first."""
    leads = Partner.objects.filter(
        proposal__in=rows.order_by(), role=Partner.Role.LEAD, institution__country__isnull=False
    )
    counted = leads.order_by().values_list("institution__country").annotate(n=Count("pk"))
    return sorted(((country_name(code), n) for code, n in counted), key=lambda pair: (-pair[1], pair[0]))


def drafts_of(call: Call) -> dict[str, int]:
    """Numbers alone: what is in a draft is its people's."""
    drafts = Proposal.objects.filter(call=call, state=Proposal.State.DRAFT).order_by()
    asked = Partner.objects.unanswered().filter(proposal__in=drafts, asked_at__isnull=False)
    return {"number": drafts.count(), "silent": asked.count()}


def exported(rows):
    """The lead, the countries and the sum in each row; two statements for all."""
    totals = Sum("partners__budget_lines__amount")
    rows = rows.for_rows().annotate(total=totals).order_by("number")
    return rows.prefetch_related(Prefetch("partners", Partner.objects.select_related("institution").lead_first()))


COLUMNS = {
    "number": lambda row: row.reference,
    "title": lambda row: row.title,
    "acronym": lambda row: row.acronym,
    "state": lambda row: row.state,
    "submitted": lambda row: row.submitted_at,
    "lead": lambda row: row.lead_name,
    "partners": lambda row: "; ".join(partner.institution.name for partner in row.partners.all()),
    "countries": lambda row: "; ".join(
        sorted({partner.institution.country_id or "" for partner in row.partners.all()})
    ),
    "starts": lambda row: row.starts_on,
    "ends": lambda row: row.ends_on,
    "total": lambda row: row.total,
    "currency": lambda row: row.call.currency,
}


def moves(call: Call, user) -> dict[str, bool]:
    return {
        "publish": call.state == Call.State.DRAFT and can(user, "edit", call),
        "decide": Call.objects.over().filter(pk=call.pk).exists(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def part_new(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    return _edit_part(request, call, CallPart(call=call, position=call.parts.count()))


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def part_form(request: HttpRequest, slug: str, part: int) -> HttpResponse:
    call = editable(request, slug)
    return _edit_part(request, call, get_visible_or_404(CallPart, request.user, pk=part, call=call))


def _edit_part(request: HttpRequest, call: Call, part: CallPart) -> HttpResponse:
    """The questions of a published call stay: answers stand below them."""
    demand_draft = call.state != Call.State.DRAFT
    data = request.POST if request.method == "POST" else None
    form, questions = PartForm(data, instance=part), QuestionFormSet(data, instance=part)
    if data is not None and demand_draft:
        form.add_error(None, _("The call is published: its form stays as it is."))
    elif data is not None and form.is_valid() and questions.is_valid():
        questions.instance = form.save()
        questions.save()
        return redirect(call.desk_url)
    wrong = bool(form.errors) or (data is not None and not questions.is_valid())
    context = {"call": call, "part": part, "form": form, "questions": questions}
    return render(request, "proposals/part_form.html", context, status=422 if wrong else 200)


@require_POST
@officers
def call_publish(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    try:
        publish_call(call=call, by=request.user)
        messages.success(request, _("Published: those who follow its themes are told."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(call.desk_url)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def call_deadline(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    form = DeadlineForm(request.POST if request.method == "POST" else None, instance=call)
    if request.method == "POST" and form.is_valid():
        try:
            change_deadline(
                call=call, closes_at=form.cleaned_data["closes_at"], reason=form.cleaned_data["reason"], by=request.user
            )
            return redirect(call.desk_url)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
    call = Call.objects.get(pk=call.pk)
    return render(request, "proposals/deadline.html", {"call": call, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def late_codes(request: HttpRequest, slug: str) -> HttpResponse:
    """The codes of the call without the codes themselves; a new one is shown once."""
    call = editable(request, slug)
    form = LateCodeForm(request.POST if request.method == "POST" else None, call=call)
    if request.method == "POST" and form.is_valid():
        try:
            code = make_late_code(
                call=call, until=form.cleaned_data["until"], note=form.cleaned_data["note"], by=request.user
            )
            messages.success(request, _("The code, which is shown this once: %(code)s") % {"code": code})
            return redirect("proposals:late_codes", slug)
        except ValidationError as problem:
            form.add_error(None, problem)
    codes = LateCode.objects.visible_to(request.user).filter(call=call).select_related("proposal__call", "by")[:100]
    context = {"call": call, "form": form, "codes": codes}
    return render(request, "proposals/late_codes.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def call_copy(request: HttpRequest, slug: str) -> HttpResponse:
    call = get_visible_or_404(Call, request.user, slug=slug)
    form = CopyForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(message for errors in form.errors.values() for message in errors))
        return redirect(call.desk_url)
    return redirect(copy_call(call=call, code=form.cleaned_data["code"], by=request.user).desk_url)


# --- Decisions


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def proposal_decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = get_visible_or_404(decidable(call, request.user).select_related("call"), request.user, pk=pk)
    decision = getattr(proposal, "decision", None)
    initial = {"outcome": decision.outcome, "feedback": decision.feedback} if decision else {}
    form = DecisionForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            write_decision(proposal=proposal, by=request.user, **form.cleaned_data)
            return redirect(call.desk_url)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"call": call, "proposal": proposal, "form": form, "submission": proposal.submissions.first()}
    return render(request, "proposals/decide.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def decisions_apply(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    try:
        number = apply_decisions(call=call, by=request.user)
        messages.success(request, _("Decided and announced: %(number)d.") % {"number": number})
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(call.desk_url)


@require_POST
@officers
def project_make(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = get_visible_or_404(decidable(call, request.user), request.user, pk=pk)
    try:
        return redirect(make_project(proposal=proposal, by=request.user))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(call.desk_url)
