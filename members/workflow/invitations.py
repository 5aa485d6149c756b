"""How records of members move."""

from django.utils.translation import gettext_lazy as _

from members.models import Invitation
from workflow.tables import Move, Table

INVITATION = Table(
    Invitation,
    "state",
    Move("waiting", "accepted", by=("accept",), tells="invitation.accepted"),
    Move("waiting", "declined", by=("accept",), tells="invitation.declined"),
    Move("waiting", "revoked", by=("manage",)),
    names={
        "accept": _("the person who is invited"),
        "manage": _("a focal point of the institution, or the secretariat"),
    },
)
