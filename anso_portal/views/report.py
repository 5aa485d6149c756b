"""“Report an error in this record”: anybody may, without an account."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_visible_or_404
from anso_portal.context import branding
from anso_portal.models import ErrorReport
from centers.models import Center
from exchanges.models import Offer
from members.models import Institution, Person
from projects.models import Project
from proposals.models import Call
from toolkit.limits import too_often
from toolkit.network import client_network
from vocabularies.models import Country, Theme

REPORTS_AN_HOUR = 10

RECORDS: dict[str, tuple[type, str]] = {
    "members:detail": (Institution, "slug"),
    "centers:detail": (Center, "slug"),
    "projects:detail": (Project, "slug"),
    "exchanges:detail": (Offer, "slug"),
    "proposals:call": (Call, "slug"),
    "members:person": (Person, "slug"),
    "anso_portal:theme": (Theme, "slug"),
    "anso_portal:country": (Country, "code"),
}


class ReportForm(forms.ModelForm):
    # People do not see this field; programs that fill in every field give themselves away.
    website = forms.CharField(required=False, label=gettext_lazy("Leave this empty"))

    class Meta:
        model = ErrorReport
        fields = ["message", "email"]
        labels = {
            "message": gettext_lazy("What is wrong, and what is right?"),
            "email": gettext_lazy("Your e-mail address"),
        }
        help_texts = {
            "message": gettext_lazy("Where can it be read? A link to a page of the institution helps most."),
            "email": gettext_lazy("Only if you want an answer."),
        }
        widgets = {
            "message": forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    address, record = record_at(request.GET.get("about", ""), request.user)
    initial = {"email": request.user.email} if request.user.is_authenticated else {}
    form = ReportForm(request.POST if request.method == "POST" else None, initial=initial)
    context: dict[str, Any] = {"form": form, "record": record, "address": address}
    if request.method != "POST":
        return render(request, "anso_portal/report.html", context)
    if not form.is_valid():
        return render(request, "anso_portal/report.html", context, status=422)
    if not form.cleaned_data["website"]:
        if too_often(f"report:{client_network(request)}", limit=REPORTS_AN_HOUR, seconds=3600):
            form.add_error(None, _("Many reports came from your network within the hour. Please try again later."))
            return render(request, "anso_portal/report.html", context, status=429)
        form.instance.address, form.instance.record = address, record
        form.save()
    return redirect(f"{reverse('anso_portal:report_done')}?{urlencode({'about': address})}")


@require_safe
def report_done(request: HttpRequest) -> HttpResponse:
    address, record = record_at(request.GET.get("about", ""), request.user)
    return render(request, "anso_portal/report_done.html", {"record": record, "address": address})


def record_at(about: str, user) -> tuple[str, str]:
    """(address, name) of the record that a site-relative address leads to; without one, of the portal itself."""
    if about in ("", "/"):
        return "/", branding()["name"]
    path = urlsplit(about).path if about.startswith("/") and not about.startswith("//") and "\x00" not in about else ""
    try:
        match = resolve(path)
        model, field = RECORDS[match.view_name]
        found = get_visible_or_404(model, user, **{field: match.kwargs[field]})
    except (Resolver404, KeyError):
        raise Http404 from None
    return found.get_absolute_url(), str(found)[:300]
