"""To whom a call is given, for administrators: also which of its proposals need a deputy."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import demand, get_visible_or_404
from accounts.models import User
from proposals.actions.officers import give_call, shares, take_call
from proposals.forms.calls import OfficerForm
from proposals.models import Call
from proposals.views.calls import editable, officers


def staffed(request: HttpRequest, slug: str) -> Call:
    call = editable(request, slug)
    demand(request.user, "staff", call, _("An administrator can do this."))
    return call


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def officer_list(request: HttpRequest, slug: str) -> HttpResponse:
    call = staffed(request, slug)
    form = OfficerForm(request.POST if request.method == "POST" else None, call=call)
    if request.method == "POST" and form.is_valid():
        try:
            give_call(call=call, officer=form.cleaned_data["officer"], by=request.user)
            messages.success(request, _("The call is given, and the person is told."))
            return redirect("proposals:officers", slug)
        except ValidationError as problem:
            form.add_error(None, problem)
    people, orphans = shares(call, request.user)
    context = {"call": call, "form": form, "people": people, "orphans": orphans}
    return render(request, "proposals/officers.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def officer_remove(request: HttpRequest, slug: str) -> HttpResponse:
    call = staffed(request, slug)
    key = request.POST.get("officer", "")
    officer = get_visible_or_404(
        User.objects.filter(calls_given__call=call),
        request.user,
        pk=int(key) if key.isdecimal() and len(key) < 18 else 0,
    )
    take_call(call=call, officer=officer, by=request.user)
    return redirect("proposals:officers", slug)
