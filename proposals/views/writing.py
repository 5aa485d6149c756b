"""A proposal as a task list of short parts, each on a page of its own, over a draft that is kept."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404
from members.models import Institution
from members.permissions import acting_for
from members.views.choosing import chosen, lookup
from proposals.actions.content import BASICS, BUDGET, PLAN, Written, read
from proposals.actions.continuing import calls_to_continue_in, continue_proposal, invited
from proposals.actions.drafts import begin_proposal
from proposals.actions.lateness import begin_late
from proposals.actions.submission import obstacles
from proposals.forms.proposals import LateStartForm, StartForm
from proposals.models import Call, Clarification, Partner, Proposal
from toolkit.limits import too_often

MINE_SHOWN = 50
LATE_CODES_AN_HOUR = 20

# --- Beginning


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_start(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the lead among the institutions that one acts for, or look another one up: its focal point confirms anyway."""
    call = get_visible_or_404(Call.objects.with_status(), request.user, slug=slug)
    is_late = can(request.user, "late", call)
    if not is_late:
        demand(request.user, "answer", call, _("The call is not open, or your e-mail address is not confirmed yet."))
    if call.first_stage_id:
        return render(request, "proposals/start_second.html", {"call": call, "invited": invited(call, request.user)})
    lead = chosen(request)
    form = (LateStartForm if is_late else StartForm)(request.POST if request.method == "POST" and lead else None)
    context = {
        "call": call,
        "lead": lead,
        "form": form,
        "is_late": is_late,
        "own": list(Institution.objects.filter(pk__in=acting_for(request.user)).order_by("sort_key")),
        **lookup(request),
    }
    if request.method == "POST" and lead and form.is_valid():
        if not is_late:
            return redirect(begin_proposal(call=call, lead=lead, by=request.user, **form.cleaned_data))
        if too_often(f"late-code:{request.user.pk}", limit=LATE_CODES_AN_HOUR, seconds=3600):
            form.add_error("code", _("You have tried many codes within the hour. Please try again later."))
        else:
            try:
                return redirect(begin_late(call=call, lead=lead, by=request.user, **form.cleaned_data))
            except ValidationError as problem:
                form.add_error("code", problem.messages[0])
    return render(request, "proposals/start.html", context, status=422 if form.errors else 200)


# --- The task list


def proposals():
    return Proposal.objects.select_related("call", "applicant", "project", "origin__call")


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
    written = read(proposal)
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
        "partners": written.partners,
        "to_sign": [partner for partner in written.partners if partner.pk in mine],
        "may_write": may_write,
        "tasks": tasks(proposal, written) if proposal.is_open and may_write else [],
        "submission": proposal.submissions.first(),
        "takes": proposal.is_taken,
        "decision": decision if decision and can(request.user, "view", decision) else None,
        "may_decide": can(request.user, "decide", proposal),
        "total": written.total,
        "clarifications": Clarification.objects.visible_to(request.user).filter(proposal=proposal),
        "closes_there": proposal.call.closes_there,
        "continues_in": calls_to_continue_in(proposal, request.user)[:10] if may_write else [],
    }
    return render(request, "proposals/proposal_detail.html", context)


@require_POST
@login_required
def proposal_continue(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the full proposal, or try once more in a later call."""
    proposal = writable(request, pk)
    call = get_visible_or_404(Call, request.user, slug=request.POST.get("call", "").replace("\x00", "")[:100])
    try:
        draft = continue_proposal(proposal=proposal, call=call, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(proposal)
    messages.success(
        request, _("A draft with what you wrote before. Check every part: the other call may ask for more.")
    )
    return redirect(draft)


def tasks(proposal: Proposal, written: Written) -> list[dict[str, Any]]:
    """(title, address, whether it is done) of each part, in the order in which one does them."""
    base, missing = proposal.get_absolute_url(), {one.part for one in obstacles(proposal, written)}
    partners, answered = written.partners, written.answers
    found = [
        {"title": _("Title, summary, dates"), "url": f"{base}basics/", "done": BASICS not in missing},
        *(
            {
                "title": part.title,
                "url": f"{base}parts/{part.pk}/",
                "done": str(part.pk) not in missing and any(q.pk in answered for q in part.questions.all()),
            }
            for part in written.parts
        ),
        {"title": _("Team"), "url": f"{base}team/", "done": proposal.team.exists()},
        {
            "title": _("Work plan"),
            "url": f"{base}plan/",
            "done": PLAN not in missing and proposal.work_packages.exists(),
        },
        {
            "title": _("Budget"),
            "url": f"{base}budget/",
            "done": BUDGET not in missing and any(p.amount for p in partners),
        },
        {"title": _("Partners and their confirmations"), "url": f"{base}partners/", "done": "partners" not in missing},
    ]
    return [*found, {"title": _("Check and submit"), "url": f"{base}check/", "done": False}]


# --- What the pages of the parts have in common


def sent_version(request: HttpRequest) -> str:
    return request.POST.get("version", "")


def not_open(request: HttpRequest, proposal: Proposal, problem: Exception | None = None) -> HttpResponse:
    if request.method == "POST":
        raise PermissionDenied(_("It is submitted: open it again to change it."))
    messages.info(request, _("It is submitted: open it again to change it."))
    return redirect(proposal)


def saved(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(proposal)
