"""The own data: taken along, or erased with the account."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from anso_portal.account_forms import EraseForm
from anso_portal.closing import erase_account, obstacles, own_data
from anso_portal.context import branding
from toolkit.downloads import attachment


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account_export(request: HttpRequest) -> HttpResponse:
    return written_export(request) if request.method == "POST" else render(request, "account/data.html")


@reauthentication_required
def written_export(request: HttpRequest) -> HttpResponse:
    known = {"portal": branding()["name"], "written_at": now(), **own_data(request.user)}
    response = JsonResponse(known, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = attachment(f"{branding()['name']} {now():%Y-%m-%d}.json")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def account_erase(request: HttpRequest) -> HttpResponse:
    form = EraseForm(request.POST if request.method == "POST" else None, user=request.user)
    context = {"form": form, "obstacles": obstacles(request.user)}
    if request.method != "POST":
        return render(request, "account/delete.html", context)
    if context["obstacles"] or not form.is_valid():
        return render(request, "account/delete.html", context, status=422)
    erase_account(user=request.user, by=request.user)
    logout(request)
    return redirect("account_deleted")


@require_safe
def account_erased(request: HttpRequest) -> HttpResponse:
    return render(request, "account/deleted.html")
