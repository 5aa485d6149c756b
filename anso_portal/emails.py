"""What stands in the sign-in mails. Secrets are made here, when it is sent, and never stored."""

from collections.abc import Callable

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from anso_portal.context import branding
from anso_portal.models import JoinRequest
from notifications.emails import Letter, ObsoleteError, register_writer, secret_of, use_branding
from notifications.links import absolute
from notifications.models import Delivery
from toolkit.programs import program_name

# What changed in an account, by the purpose of the mail: allauth's app and its name for it.
NOTICES: dict[str, str | Promise] = {
    "account.password_changed": gettext_lazy("Your password was changed."),
    "account.password_reset": gettext_lazy("Your password was set anew."),
    "account.password_set": gettext_lazy("A password was set."),
    "account.email_changed": gettext_lazy("Your e-mail address was changed from %(from_email)s to %(to_email)s."),
    "account.email_confirm": gettext_lazy("Your e-mail address was confirmed."),
    "account.email_deleted": gettext_lazy("The e-mail address %(deleted_email)s was removed from your account."),
    "account.joined": gettext_lazy("The account %(closed_email)s was joined to your account %(email)s, and is closed."),
    "account.second_factor_dropped": gettext_lazy("An administrator took the second factor off your account."),
    "account.account_already_exists": gettext_lazy(
        "Somebody tried to open an account with this e-mail address, which has one already."
    ),
    "account.unknown_account": gettext_lazy(
        "Somebody tried to use an account with this e-mail address. There is none."
    ),
    "mfa.recovery_codes_generated": gettext_lazy("New recovery codes were made; the old ones no longer work."),
    "mfa.totp_activated": gettext_lazy("An authenticator app was set up as your second factor."),
    "mfa.totp_deactivated": gettext_lazy("Your authenticator app was removed."),
    "mfa.webauthn_added": gettext_lazy("A passkey was added to your account."),
    "mfa.webauthn_removed": gettext_lazy("A passkey was removed from your account."),
    "socialaccount.account_connected": gettext_lazy("You can now sign in with %(provider)s."),
    "socialaccount.account_disconnected": gettext_lazy("You can no longer sign in with %(provider)s."),
}


def password_reset(row: Delivery) -> Letter:
    """A link to set a new password, or that there is no account: the mailbox learns it, the page does not."""
    user = owner(row)
    if user is None:
        return Letter(
            subject=_("No account with this address"),
            heading=_("There is no account with this address"),
            paragraphs=(
                _("Somebody, perhaps you, asked for a new password for %(address)s. No account uses this address.")
                % {"address": row.address},
                _("Your account may be under another address. If you did not ask, you need not do anything."),
            ),
        )
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace("UID-KEY", key)
    return Letter(
        subject=_("Set a new password"),
        heading=_("Set a new password"),
        paragraphs=(
            _("Somebody, perhaps you, asked for a new password for this account."),
            _("If you did not ask, you need not do anything: your password stays as it is."),
        ),
        button=(_("Set a new password"), absolute(path)),
    )


def owner(row: Delivery) -> User | None:
    user = User.objects.of_address(row.address)
    return user if user and user.is_active else None


def with_code(row: Delivery, *, title: str, opening: str) -> Letter:
    code = secret_of(row)
    return Letter(
        subject=f"{code}: {title}",
        heading=code,
        paragraphs=(
            opening,
            _(
                "It works for a quarter of an hour, in the window where you asked for it. Nobody else needs it: tell no one."
            ),
            _("If you did not ask, you need not do anything."),
        ),
    )


def login_code(row: Delivery) -> Letter:
    if owner(row):
        return with_code(
            row,
            title=_("your code to sign in"),
            opening=_("Type this code where you asked for it, and you are signed in."),
        )
    return Letter(
        subject=_("No account with this address"),
        heading=_("There is no account with this address"),
        paragraphs=(
            _("Somebody, perhaps you, asked for a code to sign in with %(address)s. No account uses this address.")
            % {"address": row.address},
            _("Your account may be under another address, or you have none yet. If you did not ask, do nothing."),
        ),
        button=(_("Make an account"), absolute(reverse("account_signup"))),
    )


def signup_code(row: Delivery) -> Letter:
    """Whoever has an account already is told so, here alone."""
    if User.objects.of_address(row.address) is None:
        return with_code(
            row,
            title=_("your code to sign up"),
            opening=_("Type this code where you signed up, and your account is made."),
        )
    return Letter(
        subject=_("You have an account already"),
        heading=_("You have an account already"),
        paragraphs=(
            _(
                "Somebody, perhaps you, tried to make an account with %(address)s. There is one already: sign in with it."
            )
            % {"address": row.address},
            _("Without a password at hand, ask for a sign-in code on the same page. If you did not ask, do nothing."),
        ),
        button=(_("Sign in"), absolute(reverse("account_login"))),
    )


def email_confirmation(row: Delivery) -> Letter:
    return with_code(
        row,
        title=_("confirm your e-mail address"),
        opening=_("An account was given this address. If that is right, type this code where you gave it."),
    )


def join_link(row: Delivery) -> Letter:
    """For the signed-in owner of the other account. That there is none, or that it stays alone, its mailbox alone learns."""
    asked = JoinRequest.objects.open().filter(pk=row.context.get("request"), email=row.address).first()
    token = asked.mint() if asked else ""
    if not asked or not token:
        raise ObsoleteError("The request was used, is over, or another one has taken its place.")
    user = owner(row)
    told = {"address": row.address, "other": asked.user.email}
    if user is None or user == asked.user:
        return Letter(
            subject=_("No account with this address"),
            heading=_("There is no account with this address"),
            paragraphs=(
                _("Somebody, perhaps you, asked to join the account of %(address)s to that of %(other)s.") % told,
                _("No account uses this address, so there is nothing to join. If you did not ask, do nothing."),
            ),
        )
    return Letter(
        subject=_("Join two accounts"),
        heading=_("Are both accounts yours?"),
        paragraphs=(
            _("Whoever is signed in as %(other)s says so, and asks to join the account of %(address)s to that one.")
            % told,
            _("Everything in this account would go to the other one, and this one would be closed for good."),
            _("If you did not ask, do not follow the link, and nothing happens."),
            _("The link works once, for an hour, where you are signed in as %(other)s.") % told,
        ),
        button=(_("Look at it before anything changes"), absolute(reverse("account_join_follow", args=[token]))),
    )


def notice(name: str) -> Callable[[Delivery], Letter]:
    def write(row: Delivery) -> Letter:
        sentence = str(NOTICES[name]) % row.context
        when = parse_datetime(row.context.get("timestamp", ""))
        rows = [
            (
                _("When"),
                f"{date_format(localtime(when), 'DATETIME_FORMAT')} {localtime(when).tzname()}" if when else "",
            ),
            (_("From the network address"), row.context.get("ip", "")),
            (_("With the program"), program_name(row.context.get("user_agent", ""))),
        ]
        return Letter(
            subject=_("Your account: %(what)s") % {"what": sentence}
            if name in CHANGES
            else _("About your e-mail address"),
            heading=sentence,
            paragraphs=(_("If this was not you, set a new password now and write to us."),) if name in CHANGES else (),
            rows=tuple((label, value) for label, value in rows if value),
            button=(_("Set a new password"), absolute(reverse("account_reset_password"))),
        )

    return write


CHANGES = set(NOTICES) - {"account.account_already_exists", "account.unknown_account"}

register_writer("account.password_reset_key", password_reset)
register_writer("account.email_confirmation", email_confirmation)
register_writer("account.join_link", join_link)
register_writer("account.login_code", login_code)
register_writer("account.signup_code", signup_code)
for _name in NOTICES:
    register_writer(_name, notice(_name))
use_branding(branding)
