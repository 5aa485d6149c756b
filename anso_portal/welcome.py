"""The address that makes the first administrator: it is shown once by `bin/up`, and works while there is none."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import AllianceRole, User
from accounts.permissions import ADMINISTRATOR
from anso_portal.supervisor.state import State

ONE_AT_A_TIME = 1_095_980_880  # The number of a lock: two answers to the form must not make two administrators.


class WelcomeForm(forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("A password"),
        strip=False,
        help_text=_("At least 12 characters; a few words that do not belong together do well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_email(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["email"])

    def clean(self) -> dict:
        data = super().clean() or {}
        if "password" in data:
            person = User(email=data.get("email", ""), name=data.get("name", ""))
            try:
                password_validation.validate_password(data["password"], person)
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        if User.objects.of_address(data.get("email", "")):
            self.add_error("email", _("There is an account with this e-mail address already."))
        return data


@never_cache
@sensitive_post_parameters("password")
def first_administrator(request: HttpRequest, token: str) -> HttpResponse:
    if not State(settings.STATE_DIR).is_welcome(token) or administrators().exists():
        raise Http404
    form = WelcomeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "anso_portal/welcome.html", {"form": form}, status=status)
    make_first_administrator(**form.cleaned_data)
    messages.success(
        request,
        _(
            "Your account is made. Sign in with it, then set up a second factor: with it your role as administrator begins."
        ),
    )
    return redirect("account_login")


def administrators():
    return AllianceRole.objects.current().filter(role=ADMINISTRATOR)


@transaction.atomic
def make_first_administrator(*, name: str, email: str, password: str) -> User:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    if administrators().exists():
        raise Http404
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    AllianceRole.objects.create(user=user, role=ADMINISTRATOR)
    return user
