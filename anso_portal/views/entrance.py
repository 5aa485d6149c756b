"""The pages on which somebody asks for a sign-in code, and types the one that came."""

from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from anso_portal import entrance
from anso_portal.account_forms import CodeForm, RequestCodeForm


def only_at_the_door(view):
    """Whoever is in already goes on to where this would have led."""

    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            # An address, and never the name of a view, which redirect() would look for.
            return HttpResponseRedirect(get_next_redirect_url(request) or resolve_url(settings.LOGIN_REDIRECT_URL))
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@require_http_methods(["GET", "HEAD", "POST"])
@only_at_the_door
def code_request(request: HttpRequest) -> HttpResponse:
    form = RequestCodeForm(request.POST if request.method == "POST" else None)
    next_url = get_next_redirect_url(request) or ""
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "next_url": next_url}
        return render(request, "account/request_login_code.html", context, status=422 if form.errors else 200)
    email = form.cleaned_data["email"]
    if refused := ratelimit.consume_or_429(request, action="request_login_code", key=email):
        return refused
    entrance.begin(request, email=email, next_url=next_url)
    return redirect("account_confirm_login_code")


@require_http_methods(["GET", "HEAD", "POST"])
@only_at_the_door
def code_confirm(request: HttpRequest) -> HttpResponse:
    found = entrance.Entrance.of(request)
    if found is None:
        messages.warning(request, _("That code no longer works. Ask for a new one."))
        return redirect("account_request_login_code")
    if request.method == "POST" and "again" in request.POST:
        return _code_again(request, found)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        right = found.is_right(request, form.cleaned_data["code"])
        response = entrance.enter(request, found) if right else None
        if response is not None:
            return response
        if found.tries <= 0:
            messages.warning(request, _("That was the wrong code three times. Ask for a new one."))
            return redirect("account_request_login_code")
        form.add_error("code", _("This is not the code that we sent. Look at the newest message from us."))
    context = {"form": form, "entrance": found}
    return render(request, "account/confirm_login_code.html", context, status=422 if form.errors else 200)


def _code_again(request: HttpRequest, found: entrance.Entrance) -> HttpResponse:
    if found.mails <= 0:
        messages.warning(request, _("Three messages are on their way to you. Look among the unwanted mail."))
        return redirect("account_confirm_login_code")
    if refused := ratelimit.consume_or_429(request, action="request_login_code", key=found.email):
        return refused
    found.send_code(request)
    messages.success(request, _("A new code is on its way; the one before no longer works."))
    return redirect("account_confirm_login_code")
