"""The first second factor of an account: whoever signed in without one before, here or elsewhere, starts anew."""

from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.views import AddWebAuthnView

from accounts.models import SECOND_FACTORS
from anso_portal import sessions


class KeepAlone:
    """Else somebody who had come in with the password alone would stay, and have the roles that begin now."""

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
