"""What exchanges know of people: see toolkit.personal. A stay stays when its person goes, and then names nobody."""

from typing import Any

from accounts.models import User
from exchanges.models import InvitationLetter, Stay, StayReport
from toolkit.personal import Joins, Traces, leave, move, rows

TEXTS = {
    *("exchanges.Stay", "exchanges.StayAct", "exchanges.StayTask", "exchanges.StayReport"),
    "exchanges.InvitationLetter",
}
FREE = {"exchanges.Programme", "exchanges.Offer", "exchanges.HostCapacity"}
JOINS: Joins = {
    "exchanges.Stay.applicant": move,
    # Who said or did something stays the one who did.
    "exchanges.StayAct.by": leave,
    "exchanges.StayTask.done_by": leave,
    "exchanges.StayReport.confirmed_by": leave,
    "exchanges.InvitationLetter.by": leave,
}


def export(user: User) -> dict[str, Any]:
    mine = Stay.objects.filter(applicant=user)
    return {
        "stays": rows(
            mine,
            *("offer__title", "home__name", "host__name", "starts_on", "ends_on", "purpose", "state", "report__text"),
        ),
        "invitation_letters": rows(
            InvitationLetter.objects.filter(stay__applicant=user),
            "year",
            "serial",
            "content",
            "issued_at",
            "revoked_at",
        ),
    }


def erase(user: User, traces: Traces) -> None:
    """What the person wrote goes; that somebody was there, and when, stays for the institutions and the balance."""
    Stay.objects.filter(applicant=user).update(purpose="")
    StayReport.objects.filter(stay__applicant=user).update(text="")
