"""Officers ask about what was submitted, and its people answer. Each form stands on the page of the other's words."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import demand, get_visible_or_404
from proposals.actions.clarifying import answer_clarification, ask_clarification
from proposals.forms.proposals import ClarificationForm, ClarifyForm
from proposals.models import Clarification
from proposals.views.writing import proposals, writable


@require_POST
@login_required
def clarify(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    demand(request.user, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    form = ClarifyForm(request.POST)
    try:
        if form.is_valid():
            ask_clarification(proposal=proposal, question=form.cleaned_data["question"], by=request.user)
            messages.success(request, _("The applicants are asked."))
            return redirect("proposals:submitted", pk)
    except ValidationError as problem:
        form.add_error(None, problem)
    return render(request, "proposals/clarify.html", {"proposal": proposal, "form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clarification_answer(request: HttpRequest, pk: int, question: int) -> HttpResponse:
    proposal = writable(request, pk)
    asked = get_visible_or_404(Clarification, request.user, pk=question, proposal=pk)
    form = ClarificationForm(request.POST if request.method == "POST" else None)
    try:
        if request.method == "POST" and form.is_valid():
            answer_clarification(clarification=asked, answer=form.cleaned_data["answer"], by=request.user)
            messages.success(request, _("Your answer is sent."))
            return redirect(proposal)
    except ValidationError as problem:
        form.add_error(None, problem)
    context = {"proposal": proposal, "asked": asked, "form": form}
    return render(request, "proposals/clarify.html", context, status=422 if form.errors else 200)
