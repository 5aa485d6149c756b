"""The pages on which somebody joins an account of another address to the own one. Only a POST changes anything."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from anso_portal import sessions
from anso_portal.account_forms import JoinForm
from anso_portal.joining import (
    KEPT,
    Gone,
    ask_to_join,
    join_asked,
    keep_link,
    kept_request,
    obstacles,
    obstacles_of_closed,
)
from toolkit.limits import too_often
from toolkit.network import client_address

AN_HOUR = 5  # mails that one account may ask for


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account_join(request: HttpRequest) -> HttpResponse:
    form = JoinForm(request.POST if request.method == "POST" else None, user=request.user)
    context = {"form": form, "obstacles": list(obstacles(request.user))}
    if request.method != "POST":
        return render(request, "account/join.html", context)
    if context["obstacles"] or not form.is_valid():
        return render(request, "account/join.html", context, status=422)
    if too_often(f"join:{request.user.pk}", limit=AN_HOUR, seconds=3600):
        form.add_error(None, _("This was asked for too often. Please wait an hour."))
        return render(request, "account/join.html", context, status=429)
    ask_to_join(email=form.cleaned_data["email"], by=request.user)
    messages.success(
        request,
        _(
            "A message is on its way to that address. If there is an account with it, it holds a link that works for an hour."
        ),
    )
    return redirect("account_join")


@never_cache
@require_safe
def account_join_follow(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail. The secret leaves the address at once and never stands in a page."""
    if not keep_link(request.session, token):
        return render(request, "account/join_gone.html", status=404)
    return redirect("account_join_confirm")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def account_join_confirm(request: HttpRequest) -> HttpResponse:
    found = kept_request(request.session, request.user)
    if found is None:
        return render(request, "account/join_gone.html", status=404)
    asked, other = found
    context = {"other": other, "obstacles": [*obstacles(request.user), *obstacles_of_closed(other)]}
    if request.method != "POST":
        return render(request, "account/join_confirm.html", context)
    told = {
        "ip": client_address(request),
        "user_agent": request.headers.get("User-Agent", ""),
        "timestamp": now().isoformat(),
    }
    try:
        join_asked(asked=asked, by=request.user, told=told)
    except Gone:
        return render(request, "account/join_gone.html", status=404)
    except ValidationError as problem:
        return render(request, "account/join_confirm.html", context | {"obstacles": problem.messages}, status=422)
    request.session.pop(KEPT, None)
    sessions.renew_key(request)
    messages.success(request, _("The two accounts are one now. You may sign in with either address."))
    return redirect("account_settings")
