"""The addresses below /accounts/: our own pages, and those of allauth that the settings open."""

from allauth.urls import build_provider_urlpatterns
from django.conf import settings
from django.urls import include, path

from anso_portal.views.account import account_settings
from anso_portal.views.account_ends import account_erase, account_erased, account_export
from anso_portal.views.entrance import code_confirm, code_request

urlpatterns = [
    path("settings/", account_settings, name="account_settings"),
    path("data/", account_export, name="account_data"),
    path("delete/", account_erase, name="account_delete"),
    path("deleted/", account_erased, name="account_deleted"),
    path("login/code/", code_request, name="account_request_login_code"),
    path("login/code/confirm/", code_confirm, name="account_confirm_login_code"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
if settings.SOCIALACCOUNT_PROVIDERS:  # Where no provider is configured, its pages are not there at all.
    urlpatterns += [path("3rdparty/", include("allauth.socialaccount.urls")), *build_provider_urlpatterns()]
