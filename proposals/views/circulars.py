"""Letters to applicants: what an officer writes is held, shown with whom it would reach, and released by a second act."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_visible_or_404
from proposals.actions.circulars import change_circular, discard_circular, hold_circular, release_circular
from proposals.actions.decisions import decidable
from proposals.forms.calls import CircularForm
from proposals.models import Circular
from proposals.views.calls import editable, officers

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def circulars(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    form = CircularForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        hold_circular(call=call, by=request.user, **form.cleaned_data)
        messages.success(request, _("Held: nobody has got it yet. Read it again, and release it."))
        return redirect("proposals:circulars", slug)
    written = Circular.objects.visible_to(request.user).filter(call=call).select_related("by", "released_by")
    held = list(written.filter(released_at=None)[:SHOWN])
    known = list(decidable(call, request.user).order_by().values_list("state", "applicant__name")) if held else []
    for one in held:
        one.names = sorted({name for state, name in known if name and state in one.states})
    context = {"call": call, "form": form, "held": held, "released": written.exclude(released_at=None)[:SHOWN]}
    return render(request, "proposals/circulars.html", context, status=422 if form.errors else 200)


def of_call(request: HttpRequest, slug: str, pk: int) -> Circular:
    call = editable(request, slug)
    return get_visible_or_404(Circular.objects.select_related("call"), request.user, pk=pk, call=call)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def circular_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    circular = of_call(request, slug, pk)
    initial = {name: getattr(circular, name) for name in ("states", "subject", "text")}
    form = CircularForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_circular(circular=circular, by=request.user, **form.cleaned_data)
            return redirect("proposals:circulars", slug)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {"call": circular.call, "form": form, "circular": circular}
    return render(request, "proposals/circular_edit.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def circular_release(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    circular = of_call(request, slug, pk)
    try:
        number = release_circular(circular=circular, by=request.user).reached
        said = ngettext("Released to %(n)d person.", "Released to %(n)d people.", number) % {"n": number}
        messages.success(request, said)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:circulars", slug)


@require_POST
@officers
def circular_discard(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    circular = of_call(request, slug, pk)
    try:
        discard_circular(circular=circular, by=request.user)
        messages.success(request, _("Taken away. Nobody has got it."))
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect("proposals:circulars", slug)
