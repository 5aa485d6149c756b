"""A proposal as a task list of short parts, each on a page of its own, over a draft that is kept."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404
from members.models import Institution
from members.permissions import acting_for
from members.views.apply import FEWEST_LETTERS, LONGEST, look_up
from proposals.actions.content import BASICS, BUDGET, answers_of, partners_of, parts_of, total_of, version_of
from proposals.actions.drafts import (
    ChangedMeanwhile,
    add_partner,
    ask_partners,
    begin_proposal,
    change_partner,
    remove_partner,
    save_answers,
    save_basics,
    save_budget,
)
from proposals.actions.eligibility import findings
from proposals.actions.submission import obstacles
from proposals.forms.proposals import AnswersForm, BasicsForm, LineFormSet, PartnerForm, StartForm
from proposals.models import Call, CallPart, Partner, Proposal
from toolkit.names import fold
from workflow.actions import WrongState

MINE_SHOWN = 50


# --- Beginning


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the lead among the institutions that one acts for, or look another one up: its focal point confirms anyway."""
    call = get_visible_or_404(Call.objects.with_status(), request.user, slug=slug)
    demand(request.user, "answer", call, _("The call is not open, or your e-mail address is not confirmed yet."))
    lead = chosen(request)
    form = StartForm(request.POST if request.method == "POST" and lead else None)
    context = {
        "call": call,
        "lead": lead,
        "form": form,
        "own": list(Institution.objects.filter(pk__in=acting_for(request.user)).order_by("sort_key")),
        **lookup(request),
    }
    if request.method == "POST" and lead and form.is_valid():
        proposal = begin_proposal(call=call, lead=lead, title=form.cleaned_data["title"], by=request.user)
        return redirect(proposal)
    return render(request, "proposals/start.html", context, status=422 if form.errors else 200)


def chosen(request: HttpRequest) -> Institution | None:
    slug = request.POST.get("institution") or request.GET.get("institution", "")
    if not slug:
        return None
    if "\x00" in slug:
        raise Http404
    return get_visible_or_404(Institution.objects.active(), request.user, slug=slug[:200])


def lookup(request: HttpRequest) -> dict[str, Any]:
    """Institutions of this name, acronym or ROR id: three letters at least, ten rows at most."""
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    letters = len(fold(text).replace(" ", ""))
    found, close = look_up(text, request.user) if letters >= FEWEST_LETTERS else ([], False)
    return {"query": text, "too_short": bool(text) and letters < FEWEST_LETTERS, "found": found, "close": close}


# --- The task list


def proposals():
    return Proposal.objects.select_related("call", "applicant", "project")


def writable(request: HttpRequest, pk: int) -> Proposal:
    """One that this person may write in; 403 where it can only be read."""
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    demand(
        request.user, "write", proposal, _("The lead person, and whoever acts for the lead institution, can change it.")
    )
    return proposal


def own(user) -> Q:
    """What this person writes or answers for; what officers see of others is on the pages of their calls."""
    speaking = Q(partners__asked_at__isnull=False, partners__institution__in=acting_for(user, "focal_point", "deputy"))
    lead = Q(partners__role="lead", partners__institution__in=acting_for(user))
    return Q(pk__in=Proposal.objects.filter(Q(applicant=user) | lead | speaking).values("pk"))


@require_safe
@login_required
def proposal_list(request: HttpRequest) -> HttpResponse:
    rows = Proposal.objects.visible_to(request.user).filter(own(request.user)).for_rows()
    return render(
        request,
        "proposals/proposal_list.html",
        {"proposals": rows.order_by("-changed_at", "-pk")[:MINE_SHOWN], "calls": Call.objects.open()[:5]},
    )


@require_safe
@login_required
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    may_write = can(request.user, "write", proposal)
    partners = partners_of(proposal)
    mine = set(
        Partner.objects.filter(proposal=proposal, institution__in=acting_for(request.user, "focal_point", "deputy"))
        .exclude(asked_at=None)
        .values_list("pk", flat=True)
    )
    if not may_write and not mine:
        return redirect("proposals:submitted", pk)  # The draft is its people's; the alliance sees what was submitted.
    decision = getattr(proposal, "decision", None)
    context = {
        "proposal": proposal,
        "partners": partners,
        "to_sign": [partner for partner in partners if partner.pk in mine],
        "may_write": may_write,
        "tasks": tasks(proposal, partners) if proposal.is_open and may_write else [],
        "submission": proposal.submissions.first(),
        "takes": Call.objects.taking().filter(pk=proposal.call_id).exists(),
        "decision": decision if decision and can(request.user, "view", decision) else None,
        "may_decide": can(request.user, "decide", proposal),
        "total": total_of(proposal),
        "closes_there": proposal.call.closes_there,
    }
    return render(request, "proposals/proposal_detail.html", context)


def tasks(proposal: Proposal, partners: list[Partner]) -> list[dict[str, Any]]:
    """(title, address, whether it is done) of each part, in the order in which one does them."""
    base, missing = proposal.get_absolute_url(), {one.part for one in obstacles(proposal)}
    answered = answers_of(proposal)
    found = [
        {"title": _("Title, summary, dates"), "url": f"{base}basics/", "done": BASICS not in missing},
        *(
            {
                "title": part.title,
                "url": f"{base}parts/{part.pk}/",
                "done": str(part.pk) not in missing and any(q.pk in answered for q in part.questions.all()),
            }
            for part in parts_of(proposal)
        ),
        {
            "title": _("Budget"),
            "url": f"{base}budget/",
            "done": BUDGET not in missing and any(p.amount for p in partners),
        },
        {"title": _("Partners and their confirmations"), "url": f"{base}partners/", "done": "partners" not in missing},
    ]
    return [*found, {"title": _("Check and submit"), "url": f"{base}check/", "done": False}]


# --- The parts


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def basics_edit(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    if request.method != "POST":
        return show_part(request, proposal, BasicsForm(instance=proposal), _("Title, summary, dates"), BASICS)
    form = BasicsForm(request.POST, instance=Proposal.objects.get(pk=pk))
    if not form.is_valid():
        return show_part(
            request, proposal, form, _("Title, summary, dates"), BASICS, version=sent_version(request), status=422
        )
    try:
        save_basics(proposal=proposal, values=form.cleaned_data, version=sent_version(request), by=request.user)
    except ChangedMeanwhile:
        now = BasicsForm(instance=Proposal.objects.get(pk=pk))
        return show_part(request, proposal, form, _("Title, summary, dates"), BASICS, now=now, status=409)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    return saved(request, proposal)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def part_edit(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    page = get_visible_or_404(
        CallPart.objects.prefetch_related("questions"), request.user, pk=part, call=proposal.call_id
    )
    answers = answers_of(proposal)
    if request.method != "POST":
        form = AnswersForm(part=page, answers=answers)
        return show_part(request, proposal, form, page.title, str(part), hint=page.hint)
    form = AnswersForm(request.POST, part=page, answers=answers)
    shown: dict[str, Any] = {"hint": page.hint}
    if not form.is_valid():
        return show_part(
            request, proposal, form, page.title, str(part), version=sent_version(request), status=422, **shown
        )
    try:
        save_answers(proposal=proposal, part=part, texts=form.texts(), version=sent_version(request), by=request.user)
    except ChangedMeanwhile:
        now = AnswersForm(part=page, answers=answers_of(proposal))
        return show_part(request, proposal, form, page.title, str(part), now=now, status=409, **shown)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    return saved(request, proposal)


def sent_version(request: HttpRequest) -> str:
    return request.POST.get("version", "")


def show_part(
    request: HttpRequest, proposal: Proposal, form, title: str, part: str, *, version="", now=None, status=200, hint=""
) -> HttpResponse:
    """`now` is the form as somebody else has saved it meanwhile: both are shown, and what was typed stays in the fields."""
    context = {
        "proposal": proposal,
        "form": form,
        "heading": title,
        "hint": hint,
        "version": version or version_of(proposal, part),
        "now": [(field.label, shown(field)) for field in now] if now else [],
    }
    return render(request, "proposals/part.html", context, status=status)


def shown(field) -> str:
    value = field.value()
    choices = dict(getattr(field.field, "choices", []))
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    return "" if value is None else str(choices.get(value, value))


def not_open(request: HttpRequest, proposal: Proposal, problem: Exception | None = None) -> HttpResponse:
    if request.method == "POST":
        raise PermissionDenied(_("It is submitted: open it again to change it."))
    messages.info(request, _("It is submitted: open it again to change it."))
    return redirect(proposal)


def saved(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(proposal)


# --- Budget


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def budget_edit(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    partners = partners_of(proposal)
    choices = {"partners": [(partner.pk, partner.institution.name) for partner in partners]}
    lines = [
        {"partner": partner.pk, "category": line.category, "label": line.label, "amount": line.amount}
        for partner in partners
        for line in partner.budget_lines.all()
    ]
    if request.method != "POST":
        return show_budget(request, proposal, partners, LineFormSet(initial=lines, form_kwargs=choices))
    formset = LineFormSet(request.POST, form_kwargs=choices)
    if not formset.is_valid():
        return show_budget(request, proposal, partners, formset, version=sent_version(request), status=422)
    try:
        save_budget(
            proposal=proposal,
            lines=[form.cleaned_data for form in formset if form.is_line],
            version=sent_version(request),
            by=request.user,
        )
    except ChangedMeanwhile:
        return show_budget(request, proposal, partners, formset, is_stale=True, status=409)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    if "more" in request.POST:
        return redirect("proposals:budget", pk)
    return saved(request, proposal)


def show_budget(request, proposal, partners, formset, *, version="", is_stale=False, status=200) -> HttpResponse:
    context = {
        "proposal": proposal,
        "partners": partners,
        "formset": formset,
        "version": version or version_of(proposal, BUDGET),
        "is_stale": is_stale,
        "total": total_of(proposal),
    }
    return render(request, "proposals/budget.html", context, status=status)


# --- Partners


@require_safe
@login_required
def partner_list(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    partners = partners_of(proposal)
    context = {
        "proposal": proposal,
        "partners": partners,
        "waiting": [partner for partner in partners if partner.signed is None],
        "findings": findings(proposal, partners),
    }
    return render(request, "proposals/partners.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def partner_add(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    institution = chosen(request)
    form = PartnerForm(request.POST if request.method == "POST" and institution else None)
    if request.method == "POST" and institution and form.is_valid():
        try:
            add_partner(
                proposal=proposal,
                institution=institution,
                role=form.cleaned_data["role"],
                contribution=form.cleaned_data["contribution"],
                by=request.user,
            )
            return redirect("proposals:partners", pk)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"proposal": proposal, "institution": institution, "form": form, **lookup(request)}
    return render(request, "proposals/partner_add.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def partner_edit(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    part = get_visible_or_404(
        Partner.objects.select_related("institution", "proposal"), request.user, pk=partner, proposal=pk
    )
    form = PartnerForm(request.POST if request.method == "POST" else None, instance=part)
    if request.method == "POST" and form.is_valid():
        change_partner(
            partner=part,
            role=form.cleaned_data.get("role", part.role),
            contribution=form.cleaned_data["contribution"],
            by=request.user,
        )
        return redirect("proposals:partners", pk)
    context = {"proposal": proposal, "part": part, "form": form}
    return render(request, "proposals/partner_edit.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def partner_remove(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    proposal = writable(request, pk)
    part = get_visible_or_404(Partner.objects.select_related("proposal"), request.user, pk=partner, proposal=pk)
    try:
        remove_partner(partner=part, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:partners", proposal.pk)


@require_POST
@login_required
def partners_ask(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    try:
        asked = ask_partners(proposal=proposal, by=request.user)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    if asked:
        messages.success(request, _("Asked: %(names)s") % {"names": ", ".join(p.institution.name for p in asked)})
    return redirect("proposals:partners", pk)
