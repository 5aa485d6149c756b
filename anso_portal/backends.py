from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class AddressBackend(AuthenticationBackend):
    """Signs in by address and password: one statement and one hash, whether the address has an account or not."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        return self._check_password(User.objects.of_address(email), password)
