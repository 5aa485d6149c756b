"""The rows of sign-in, and of what people do with their accounts."""

from tests.matrix.cells import SECOND_FACTOR, SIGN_IN, Row, desk, signed_in, who
from tests.matrix.roles import ANONYMOUS, SECURED

ACCOUNTS = {
    "account_change_password": Row(get=signed_in(), post=signed_in(422)),
    "account_confirm_login_code": Row(get=signed_in(302), post=signed_in(302)),
    "account_session_end": Row(post=desk(), path=lambda world: {"pk": 1}),
    "account_data": Row(get=signed_in(), post=signed_in(302)),
    "account_delete": Row(get=signed_in(302), post=signed_in(302)),
    "account_deleted": Row(get=200),
    "account_email": Row(get=signed_in(), post=signed_in(302)),
    "account_email_verification_sent": Row(get=signed_in(302), post=signed_in(302)),
    "account_inactive": Row(get=200),
    "account_login": Row(get=who(302, ("anonymous", 200)), post=who(302, ("anonymous", 422))),
    "account_logout": Row(get=who(200, ("anonymous", 302)), post=302),
    "account_reauthenticate": Row(get=signed_in(), post=signed_in(422)),
    "account_request_login_code": Row(get=who(302, ("anonymous", 200)), post=who(302, ("anonymous", 422))),
    "account_reset_password": Row(get=200, post=422),
    "account_reset_password_done": Row(get=200),
    "account_reset_password_from_key": Row(get=200, post=422, path=lambda world: {"uidb36": "1", "key": "guessed"}),
    "account_reset_password_from_key_done": Row(get=200),
    "account_set_password": Row(get=signed_in(302), post=signed_in(302)),
    "account_settings": Row(get=signed_in(), post=signed_in(422)),
    "account_signup": Row(get=who(302, ("anonymous", 200)), post=who(302, ("anonymous", 422))),
    "account_signup_by_passkey": Row(get=who(302, ("anonymous", 200)), post=who(302, ("anonymous", 422))),
    "mfa_activate_totp": Row(
        get=who(302, (ANONYMOUS, SIGN_IN), ("unverified", SECOND_FACTOR)),
        post=who(302, (ANONYMOUS, SIGN_IN), ("unverified", SECOND_FACTOR)),
    ),
    "mfa_add_webauthn": Row(
        get=who(302, (ANONYMOUS, SIGN_IN), ("unverified", SECOND_FACTOR)),
        post=who(302, (ANONYMOUS, SIGN_IN), ("unverified", SECOND_FACTOR)),
    ),
    "mfa_authenticate": Row(get=signed_in(302), post=signed_in(302)),
    "mfa_deactivate_totp": Row(get=desk((SECURED, 302)), post=desk((SECURED, 302))),
    "mfa_download_recovery_codes": Row(get=signed_in(404), post=signed_in(404)),
    "mfa_edit_webauthn": Row(get=signed_in(302), post=signed_in(302), path=lambda world: {"pk": 1}),
    "mfa_generate_recovery_codes": Row(get=signed_in(302), post=signed_in(302)),
    "mfa_index": Row(get=signed_in(), post=signed_in(405)),
    "mfa_list_webauthn": Row(get=signed_in(), post=signed_in(405)),
    "mfa_login_webauthn": Row(get=signed_in(302), post=signed_in(302)),
    "mfa_reauthenticate": Row(
        get=who(302, (ANONYMOUS, SIGN_IN), (SECURED, 200)), post=who(302, (ANONYMOUS, SIGN_IN), (SECURED, 422))
    ),
    "mfa_reauthenticate_webauthn": Row(get=signed_in(302), post=signed_in(302)),
    "mfa_remove_webauthn": Row(get=signed_in(302), post=signed_in(302), path=lambda world: {"pk": 1}),
    "mfa_signup_webauthn": Row(get=302, post=302),
    "mfa_view_recovery_codes": Row(get=signed_in(404), post=signed_in(405)),
    "usersessions_list": Row(get=signed_in(), post=signed_in(302)),
    "account_join": Row(get=signed_in(), post=signed_in(422)),
    "account_join_confirm": Row(get=signed_in(302), post=signed_in(302)),  # asked once more who it is
    "account_join_follow": Row(get=404, path=lambda world: {"token": "guessed"}),
}
