"""Second factors where allauth's own views do too little."""

from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView

from accounts.models import SECOND_FACTORS
from anso_portal import sessions


class CodesAreMade:
    """Recovery codes count as seen from when they are made: else the page that first shows them would write that down."""

    def form_valid(self, form):
        response = super().form_valid(form)
        for codes in Authenticator.objects.filter(user=self.request.user, type=Authenticator.Type.RECOVERY_CODES):
            codes.wrap().mark_as_viewed()
        return response


class MakeRecoveryCodes(CodesAreMade, GenerateRecoveryCodesView):
    pass


class KeepAlone(CodesAreMade):
    """The first second factor ends all sessions that were begun without one.

    Else somebody who had come in with the password alone would stay, and have the roles that begin now.
    """

    def form_valid(self, form):
        is_first = not is_mfa_enabled(self.request.user, SECOND_FACTORS)
        response = super().form_valid(form)
        if is_first:
            sessions.keep_alone(self.request)
        return response


class ActivateApp(KeepAlone, ActivateTOTPView):
    pass


class AddPasskey(KeepAlone, AddWebAuthnView):
    pass


class SignInByPasskey(LoginWebAuthnView):
    """Asking for the challenge begins a session, so it is counted like a try to sign in."""

    def get(self, request, *args, **kwargs):
        refused = ratelimit.consume_or_429(request, action="login", limit_get=True)
        return refused or super().get(request, *args, **kwargs)
