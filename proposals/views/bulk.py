"""What officers do for many at once: each is shown first with what it will touch, and done by a second act."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from proposals.actions.decisions import decidable, write_decisions
from proposals.actions.reminders import FRESH, remind_silent_partners, silent_partners
from proposals.forms.calls import ManyDecisionsForm
from proposals.models import Proposal
from proposals.views.calls import editable, officers


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def decide_many(request: HttpRequest, slug: str) -> HttpResponse:
    """One decision for many proposals, held like any other until all are announced together."""
    call = editable(request, slug)
    rows = decidable(call, request.user).filter(state__in=[Proposal.State.SUBMITTED, Proposal.State.REOPENED])
    rows = rows.select_related("decision", "call").order_by("number")
    form = ManyDecisionsForm(request.POST if request.method == "POST" else None, proposals=rows)
    chosen: list[Proposal] = []
    if request.method == "POST" and form.is_valid():
        chosen = list(form.cleaned_data["proposals"])
        if "confirmed" in request.POST:
            try:
                number = write_decisions(proposals=chosen, outcome=form.cleaned_data["outcome"], by=request.user)
                said = ngettext("Written for %(n)d proposal.", "Written for %(n)d proposals.", number) % {"n": number}
                messages.success(request, said + " " + _("Nobody is told before you announce the decisions."))
                return redirect(call.desk_url)
            except ValidationError as problem:
                form.add_error(None, problem)
    context = {"call": call, "form": form, "chosen": chosen, "has_rows": rows.exists()}
    return render(request, "proposals/decide_many.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def partners_remind(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    if request.method == "POST":
        number = remind_silent_partners(call=call, by=request.user)
        said = ngettext("%(n)d institution is reminded.", "%(n)d institutions are reminded.", number)
        messages.success(request, said % {"n": number})
        return redirect(call.desk_url)
    silent = silent_partners(call)
    context = {
        "call": call,
        "institutions": silent.count(),
        "drafts": silent.order_by().values("proposal").distinct().count(),
        "days": FRESH.days,
    }
    return render(request, "proposals/partners_remind.html", context)
