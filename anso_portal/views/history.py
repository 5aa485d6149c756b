"""All that was changed in a period, as a file, for the secretariat."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.history.files import period_file
from accounts.history.reading import Reader
from accounts.permissions import ADMINISTRATOR, OFFICER
from anso_portal.history.chain import head
from anso_portal.history.forms import PeriodForm


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def history(request: HttpRequest) -> HttpResponseBase:
    form = PeriodForm(request.GET if "since" in request.GET or "until" in request.GET else None)
    if not form.is_bound:
        return render(request, "anso_portal/history.html", {"form": form, "head": head()})
    if not form.is_valid():
        return render(request, "anso_portal/history.html", {"form": form, "head": head()}, status=400)
    since, until = form.period()
    name = f"history-{form.cleaned_data['since']}-{form.cleaned_data['until']}"
    return period_file(form.cleaned_data["format"], name, since, until, Reader(request.user))
