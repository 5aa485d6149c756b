"""Programs that are told when something has changed: for who speaks for an institution, and the administrators."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR
from members.actions.endpoints import approve_endpoint, ask_endpoint, remove_endpoint, renew_secret
from members.models import Endpoint, Institution
from members.views.institution_desk import institution_at_desk
from notifications.topics import Topic, resolve
from notifications.webhooks import LONGEST, check_url


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address of the program"),
        help_text=gettext_lazy("It begins with https:// and names a server on the internet."),
        max_length=LONGEST,
        validators=[check_url],
        widget=forms.URLInput({"dir": "ltr", "placeholder": "https://"}),
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told of"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args, topics: list[Topic], **kwargs):
        super().__init__(*args, **kwargs)
        self.known = {topic.key: topic for topic in topics}
        self.fields["topics"].choices = [(topic.key, topic.label) for topic in topics]  # type: ignore[attr-defined]
        self.initial.setdefault("topics", [topics[0].key])

    def chosen(self) -> list[Topic]:
        return [self.known[key] for key in self.cleaned_data["topics"]]


def topics_of(institution: Institution) -> list[Topic]:
    """Itself, its country and its themes."""
    keys = [f"institution:{institution.pk}", f"country:{institution.country_id}"]
    keys += [f"theme:{pk}" for pk in institution.themes.values_list("pk", flat=True)]
    return [topic for key in keys if (topic := resolve(key))]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def endpoint_list(request: HttpRequest, slug: str) -> HttpResponse:
    institution = institution_at_desk(request, slug)
    if not can(request.user, "connect", institution):
        raise Http404
    asked = request.POST if "ask" in request.POST else None
    form, secret = EndpointForm(asked, topics=topics_of(institution)), ""
    if request.method == "POST":
        if "ask" not in request.POST:
            secret = _act(request, institution)
            if not secret:
                return redirect(request.path)
        elif form.is_valid():
            try:
                url = form.cleaned_data["url"]
                _endpoint, secret = ask_endpoint(
                    institution=institution, url=url, topics=form.chosen(), by=request.user
                )
            except ValidationError as problem:
                form.add_error("url", problem)
            else:
                messages.success(request, _("Sent. Messages come once an administrator has approved it."))
                form = EndpointForm(topics=topics_of(institution))
    rows = Endpoint.objects.visible_to(request.user).filter(institution=institution)
    context = {
        "institution": institution,
        "endpoints": rows.select_related("subscriber").prefetch_related("subscriber__follows"),
        "form": form,
        "secret": secret,
    }
    response = render(request, "members/endpoints.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _act(request: HttpRequest, institution: Institution) -> str:
    """The new secret, where one was asked for."""
    number = request.POST.get("endpoint", "")
    key = int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else None
    endpoint = get_visible_or_404(Endpoint.objects.filter(institution=institution), request.user, pk=key)
    if "renew" in request.POST:
        return renew_secret(endpoint=endpoint, by=request.user)
    if "remove" in request.POST:
        remove_endpoint(endpoint=endpoint, by=request.user)
        messages.success(request, _("Removed. Nothing is sent there any more."))
    return ""


@require_safe
@role_required(ADMINISTRATOR)
def endpoints_waiting(request: HttpRequest) -> HttpResponse:
    rows = Endpoint.objects.visible_to(request.user).select_related("subscriber", "institution", "asked_by")
    rows = rows.prefetch_related("subscriber__follows").order_by("-pk")
    context = {"waiting": rows.waiting()[:100], "approved": rows.exclude(subscriber__confirmed_at=None)[:100]}
    return render(request, "members/endpoints_waiting.html", context)


@require_POST
@role_required(ADMINISTRATOR)
def endpoint_decide(request: HttpRequest, pk: int) -> HttpResponse:
    endpoint = get_visible_or_404(Endpoint, request.user, pk=pk)
    if "approve" in request.POST:
        approve_endpoint(endpoint=endpoint, by=request.user)
        messages.success(request, _("Approved. It is told of what happens from now on."))
    elif "refuse" in request.POST:
        remove_endpoint(endpoint=endpoint, by=request.user)
        messages.success(request, _("Removed. Nothing is sent there any more."))
    return redirect("members:endpoints_waiting")
