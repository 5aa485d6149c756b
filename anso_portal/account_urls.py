"""The addresses below /accounts/: our own pages, and those of allauth that the settings open."""

from django.conf import settings
from django.urls import include, path

from anso_portal.views.account import Addresses, account_settings, session_end
from anso_portal.views.account_ends import account_erase, account_erased, account_export
from anso_portal.views.account_join import account_join, account_join_confirm, account_join_follow
from anso_portal.views.entrance import code_confirm, code_request
from anso_portal.views.second_factor import ActivateApp, AddPasskey, MakeRecoveryCodes, SignInByPasskey

urlpatterns = [
    path("settings/", account_settings, name="account_settings"),
    path("data/", account_export, name="account_data"),
    path("delete/", account_erase, name="account_delete"),
    path("deleted/", account_erased, name="account_deleted"),
    path("join/", account_join, name="account_join"),
    path("join/confirm/", account_join_confirm, name="account_join_confirm"),
    path("join/<str:token>/", account_join_follow, name="account_join_follow"),
    path("login/code/", code_request, name="account_request_login_code"),
    path("login/code/confirm/", code_confirm, name="account_confirm_login_code"),
    path("email/", Addresses.as_view(), name="account_email"),
    path("", include("allauth.account.urls")),
    path("2fa/totp/activate/", ActivateApp.as_view(), name="mfa_activate_totp"),
    path("2fa/webauthn/login/", SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("2fa/webauthn/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/recovery-codes/generate/", MakeRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/<int:pk>/end/", session_end, name="account_session_end"),
    path("sessions/", include("allauth.usersessions.urls")),
]


def addresses_of_providers() -> list:
    """Where no provider of sign-in is configured, none of its pages is there."""
    configured = list(settings.SOCIALACCOUNT_PROVIDERS)
    pages = [path("", include(f"allauth.socialaccount.providers.{name}.urls")) for name in configured]
    return [path("3rdparty/", include("allauth.socialaccount.urls")), *pages] if configured else []


urlpatterns += addresses_of_providers()
