"""A proposal that came on paper, entered by an officer."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from members.views.choosing import chosen, lookup
from proposals.actions.drafts import enter_proposal
from proposals.forms.proposals import PaperForm
from proposals.views.calls import editable, officers


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def paper_start(request: HttpRequest, slug: str) -> HttpResponse:
    """A proposal that came on paper: choose the lead, say for whom it is, and go on in the form that applicants have."""
    call = editable(request, slug)
    lead = chosen(request)
    form = PaperForm(request.POST if request.method == "POST" and lead else None)
    if request.method == "POST" and lead and form.is_valid():
        try:
            return redirect(enter_proposal(call=call, lead=lead, by=request.user, **form.cleaned_data))
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"call": call, "lead": lead, "form": form, "own": [], "is_paper": True, **lookup(request)}
    return render(request, "proposals/start.html", context, status=422 if form.errors else 200)
