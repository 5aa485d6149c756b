"""Looking at all of it, submitting, opening again, taking back; and what a partner says."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404
from proposals.actions.archives import Profile
from proposals.actions.content import content_of, read
from proposals.actions.eligibility import findings
from proposals.actions.lateness import use_late_code
from proposals.actions.letters import letter_pdf
from proposals.actions.signing import revoke_sign_off, sign_partner
from proposals.actions.submission import obstacles, reopen_proposal, submit_proposal, withdraw_proposal
from proposals.forms.proposals import ClarifyForm, SignForm, WithdrawForm
from proposals.models import Clarification, Decision, Partner, Proposal, SubmissionPdf
from proposals.views.writing import not_open, proposals, writable
from toolkit.documents import document_response, made_response
from toolkit.limits import too_often
from workflow.actions import WrongState


@require_safe
@login_required
def proposal_check(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    return show_check(request, proposal)


def show_check(request: HttpRequest, proposal: Proposal, problems=(), status: int = 200) -> HttpResponse:
    written = read(proposal)
    context = {
        "proposal": proposal,
        "content": content_of(proposal, written),
        "obstacles": obstacles(proposal, written),
        "findings": findings(proposal, written.partners),
        "problems": problems,
        "takes": proposal.is_taken,
        "total": written.total,
    }
    return render(request, "proposals/check.html", context, status=status)


@require_POST
@login_required
def proposal_submit(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    try:
        submit_proposal(proposal=proposal, by=request.user)
    except WrongState as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect(proposal)
    except ValidationError as problem:
        return show_check(request, proposal, problem.messages, status=422)
    return redirect("proposals:submitted", pk)


@require_safe
@login_required
def proposal_submitted(request: HttpRequest, pk: int) -> HttpResponse:
    """What was submitted, exactly: the page to print and keep."""
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    submission = proposal.submissions.first()
    if submission is None:
        return redirect(proposal)
    context = {
        "proposal": proposal,
        "submission": submission,
        "content": submission.content,
        "clarifications": Clarification.objects.visible_to(request.user).filter(proposal=proposal),
        "may_decide": can(request.user, "decide", proposal),
        "clarify_form": ClarifyForm() if proposal.state in ("submitted", "reopened") else None,
        "profiles": Profile.choices,
        "pdf": SubmissionPdf.objects.filter(submission=submission).first(),
    }
    return render(request, "proposals/submitted.html", context)


@require_safe
@login_required
def submitted_pdf(request: HttpRequest, pk: int) -> FileResponse:
    """Of the last submission; 404 while it is being made, which the page before says."""
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    last = proposal.submissions.order_by("-version").values("pk")[:1]
    pdf = get_visible_or_404(SubmissionPdf.objects.all(), request.user, submission__in=last)
    return document_response(pdf.file, name=f"{proposal.reference}.pdf", content_type="application/pdf")


@require_safe
@login_required
def decision_letter(request: HttpRequest, pk: int) -> FileResponse:
    """Once the decision is announced; before, there is none, for officers neither."""
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    decisions = Decision.objects.filter(applied_at__isnull=False).select_related("proposal__call")
    decision = get_visible_or_404(decisions, request.user, proposal=proposal)
    return made_response(
        letter_pdf(decision), name=f"{proposal.reference}-decision.pdf", content_type="application/pdf"
    )


@require_POST
@login_required
def proposal_late(request: HttpRequest, pk: int) -> HttpResponse:
    """A code that an officer has given for one proposal after the deadline."""
    proposal = writable(request, pk)
    try:
        if too_often(f"late:{request.user.pk}", limit=10, seconds=3600):
            raise ValidationError(_("This was tried too often. Please wait an hour."))
        found = use_late_code(proposal=proposal, code=request.POST.get("code", "")[:100], by=request.user)
        until = formats.date_format(localtime(found.until), "DATETIME_FORMAT")
        messages.success(request, _("This proposal can be submitted until %(until)s.") % {"until": until})
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:check", pk)


@require_POST
@login_required
def proposal_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    try:
        reopen_proposal(proposal=proposal, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(proposal)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_proposal(proposal=proposal, by=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
        return redirect(proposal)
    return render(
        request, "proposals/withdraw.html", {"proposal": proposal, "form": form}, status=422 if form.errors else 200
    )


# --- What a partner says


def part_of(request: HttpRequest, pk: int, partner: int) -> Partner:
    rows = Partner.objects.select_related("institution", "proposal__call").with_sign_off().with_amount()
    part = get_visible_or_404(rows, request.user, pk=partner, proposal=pk)
    demand(request.user, "sign", part, _("A focal point or deputy of the institution can say this, once it is asked."))
    return part


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def partner_sign(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    part = part_of(request, pk, partner)
    form = SignForm(request.POST if request.method == "POST" else None, initial={"revision": part.revision})
    if request.method == "POST" and form.is_valid():
        try:
            sign_partner(
                partner=part,
                answer=form.cleaned_data["answer"],
                revision=form.cleaned_data["revision"],
                comment=form.cleaned_data["comment"],
                by=request.user,
            )
            return redirect("proposals:detail", pk)
        except ValidationError as problem:
            form.add_error(None, problem)
            if problem.code == "changed":
                form.data = {**form.data.dict(), "revision": part.revision}
    context = {
        "proposal": part.proposal,
        "part": part,
        "form": form,
        "lines": list(part.budget_lines.all()),
        "takes": part.proposal.is_taken,
        "may_write": can(request.user, "write", part.proposal),
    }
    return render(request, "proposals/sign.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def partner_revoke(request: HttpRequest, pk: int, partner: int) -> HttpResponse:
    part = part_of(request, pk, partner)
    try:
        revoke_sign_off(partner=part, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:detail", pk)
