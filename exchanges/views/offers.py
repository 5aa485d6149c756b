"""Offers of a host, written and published by its own people."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import demand, get_visible_or_404, permission
from exchanges.actions.capacity import set_capacity
from exchanges.actions.offers import begin_offer, close_offer, discard_offer, hosts_of, open_offer, save_offer
from exchanges.forms import CapacityForm, OfferForm
from exchanges.models import Offer
from members.models import Institution
from members.permissions import acting_for
from toolkit.names import validate_plain_name
from workflow.actions import moves_open_to

SHOWN = 100


class BeginForm(forms.Form):
    host = forms.ChoiceField(label=gettext_lazy("Who hosts?"))
    kind = forms.ChoiceField(label=gettext_lazy("What is it?"), choices=Offer.Kind.choices)
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=300,
        validators=[validate_plain_name],
        widget=forms.TextInput({"dir": "auto"}),
    )

    def __init__(self, data=None, *, hosts):
        super().__init__(data)
        self.fields["host"].choices = [(key, str(host)) for key, host in hosts.items()]


@require_safe
@login_required
def offer_desk(request: HttpRequest) -> HttpResponse:
    """Those of the own institutions and centers; nothing at all for people of none."""
    if not acting_for(request.user):
        raise Http404
    own = Offer.objects.visible_to(request.user).filter(permission("host", Offer)(request.user)).distinct()
    mine = Institution.objects.filter(pk__in=acting_for(request.user)).select_related("host_capacity")
    rooms = [
        (
            one,
            CapacityForm(
                prefix=one.slug, initial={"guests": one.host_capacity.guests if hasattr(one, "host_capacity") else None}
            ),
        )
        for one in mine.order_by("sort_key")
    ]
    context = {"offers": own.for_rows().order_by("-pk")[:SHOWN], "rooms": rooms}
    return render(request, "exchanges/offer_desk.html", context)


@require_POST
@login_required
def capacity_set(request: HttpRequest, slug: str) -> HttpResponse:
    institution = get_visible_or_404(Institution, request.user, slug=slug)
    demand(request.user, "act", institution, _("The people of the institution can do this."))
    form = CapacityForm(request.POST, prefix=slug)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors.get("guests", [])))
    else:
        set_capacity(institution=institution, guests=form.cleaned_data["guests"], by=request.user)
        messages.success(request, _("Saved."))
    return redirect("exchanges:offers")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def offer_begin(request: HttpRequest) -> HttpResponse:
    institutions, centers = hosts_of(request.user)
    hosts = {f"institution-{one.pk}": one for one in institutions} | {f"center-{one.pk}": one for one in centers}
    if not hosts:
        raise Http404
    form = BeginForm(request.POST if request.method == "POST" else None, hosts=hosts)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            offer = begin_offer(host=hosts[given["host"]], title=given["title"], kind=given["kind"], by=request.user)
            return redirect("exchanges:offer_edit", offer.slug)
        except ValidationError as problem:
            form.add_error("host", problem)
    context = {"form": form, "title": _("A new offer")}
    return render(request, "exchanges/offer_edit.html", context, status=422 if form.errors else 200)


def _offer(request: HttpRequest, slug: str) -> Offer:
    offer = get_visible_or_404(Offer.objects.select_related("institution", "center"), request.user, slug=slug)
    demand(request.user, "write", offer, _("The people of the host, and officers, can do this."))
    return offer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def offer_edit(request: HttpRequest, slug: str) -> HttpResponse:
    offer = _offer(request, slug)
    form = OfferForm(request.POST if request.method == "POST" else None, instance=offer)
    if request.method == "POST" and form.is_valid():
        try:
            offer = save_offer(form=form, by=request.user)
        except ValidationError as problem:
            form.add_error("places", problem)
        else:
            if "open" in request.POST:
                return _move(request, open_offer, offer, _("It is open now, and those who follow are told."))
            messages.success(request, _("Saved."))
            return redirect("exchanges:offer_edit", slug)
    targets = {move.target for move in moves_open_to(request.user, offer)}
    context = {"form": form, "offer": offer, "title": _("Your offer"), "targets": targets}
    return render(request, "exchanges/offer_edit.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def offer_close(request: HttpRequest, slug: str) -> HttpResponse:
    return _move(request, close_offer, _offer(request, slug), _("It is closed: no more applications are taken."))


@require_POST
@login_required
def offer_discard(request: HttpRequest, slug: str) -> HttpResponse:
    offer = _offer(request, slug)
    try:
        discard_offer(offer=offer, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
        return redirect("exchanges:offer_edit", slug)
    messages.success(request, _("The draft is thrown away."))
    return redirect("exchanges:offers")


def _move(request: HttpRequest, act: Callable, offer: Offer, said: str) -> HttpResponse:
    try:
        act(offer=offer, by=request.user)
        messages.success(request, said)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    except PermissionDenied as problem:
        messages.error(request, str(problem))
    return redirect("exchanges:offer_edit", offer.slug)
