"""The own account: how one reads, and the way to all that secures it."""

from allauth.account.views import EmailView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anso_portal.account_forms import SettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account_settings(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "providers_configured": bool(settings.SOCIALACCOUNT_PROVIDERS)}
        return render(request, "account/settings.html", context, status=422 if form.errors else 200)
    user = form.save()
    with translation.override(user.language):
        messages.success(request, _("Your settings are saved."))
    return redirect("account_settings")


@method_decorator(login_required, name="dispatch")
class Addresses(EmailView):
    """allauth would write a row that is missing when the page is but looked at."""

    def dispatch(self, request, *args, **kwargs):
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        self._did_send_verification_email = False
        return super(EmailView, self).dispatch(request, *args, **kwargs)


@require_POST
@login_required
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the own sessions elsewhere: the computer in the library where one forgot to sign out."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    session.end()
    messages.success(request, _("You are signed out there."))
    return redirect("usersessions_list")
