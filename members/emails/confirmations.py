"""The yearly “is this still right?”. Its button needs no sign-in: the link is for one reader, one institution and one year."""

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from members.models import ConfirmationRequest, Institution
from members.permissions import SPEAKERS
from notifications.kinds import Kind, register
from notifications.models import Event, Subscriber

SALT = "members.confirmation"


def token_of(institution: int, subscriber: Subscriber, year: int) -> str:
    return signing.Signer(salt=SALT).sign_object([institution, subscriber.token, year], compress=True)


def read_token(token: str) -> tuple[Institution, User, ConfirmationRequest] | None:
    """None where the link is not ours, is of another year, or its reader no longer speaks for the institution."""
    try:
        number, key, year = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    request = (
        ConfirmationRequest.objects.filter(institution=number, year=year)
        .order_by()
        .select_related("institution__country", "institution__source")
        .first()
    )
    subscriber = Subscriber.objects.select_related("user").filter(token=key, user__is_active=True).first()
    if request is None or subscriber is None or subscriber.user is None:
        return None
    roles = subscriber.user.institution_roles.current().filter(institution=number, role__in=SPEAKERS)
    return (request.institution, subscriber.user, request) if roles.exists() else None


def way(event: Event, subscriber: Subscriber) -> tuple[str, str]:
    token = token_of(int(event.subject_id), subscriber, event.facts["year"])
    return str(_("Look at it and confirm")), reverse("members:confirm_by_link", args=[token])


ROWS = (
    ("kind", _("Kind")),
    ("acronym", _("Acronym")),
    ("place", _("Place")),
    ("website", _("Website")),
    ("ror", "ROR"),
)

register(
    Kind(
        "institution.confirm",
        label=_("Once a year: is the record of your institution still right?"),
        subject=_("Is this still right? %(title)s"),
        sentence=_("Nobody has confirmed the record of your institution for a year. One click says that it is right."),
        rows=ROWS,
        way=way,
    )
)
register(
    Kind(
        "institution.confirm_again",
        label=_("Once a year: a reminder to confirm the record of your institution"),
        subject=_("Please confirm: %(title)s"),
        sentence=_("A month ago we asked whether the record of your institution is still right. One click answers."),
        rows=ROWS,
        way=way,
    )
)
