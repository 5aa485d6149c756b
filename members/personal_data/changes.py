"""What a person proposed to change in the record of an institution. The proposal is the institution's and stays."""

from typing import Any

from accounts.models import User
from members.models import ChangeItem, ChangeRequest
from toolkit.personal import Joining, Joins, Traces, move, rows

TEXTS = {"members.ChangeRequest", "members.ChangeItem"}


def export(user: User) -> dict[str, Any]:
    requests = ChangeRequest.objects.filter(by=user).select_related("institution").order_by("pk")
    return {
        "proposed_changes": [
            {
                "institution": request.institution.name,
                "state": request.state,
                "note": request.note,
                "proposed_at": request.proposed_at,
                "decided_at": request.decided_at,
                "fields": rows(request.items.all(), "field", "before", "after", "decision", "reason"),
            }
            for request in requests
        ],
        "decided_changes": rows(
            ChangeItem.objects.filter(decided_by=user), "request", "field", "decision", "reason", "decided_at"
        ),
    }


def erase(user: User, traces: Traces) -> None:
    ChangeRequest.objects.filter(by=user, state=ChangeRequest.State.DRAFT).delete()
    ChangeRequest.objects.filter(by=user).exclude(note="").update(note="")


def move_requests(joining: Joining) -> None:
    """Of two unfinished requests for one institution the kept account's goes on."""
    unfinished = ChangeRequest.UNFINISHED
    for request in joining.coming.filter(state__in=unfinished):
        if joining.there.filter(state__in=unfinished, institution=request.institution_id).exists():
            request.delete()
    move(joining)


JOINS: Joins = {"members.ChangeRequest.by": move_requests, "members.ChangeItem.decided_by": move}
