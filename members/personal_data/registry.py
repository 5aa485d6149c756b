"""What a person did for the registry: records confirmed, and made one."""

from typing import Any

from accounts.models import User
from members.models import InstitutionConfirmation, InstitutionMerge
from toolkit.personal import Joins, move, rows

TEXTS = {"members.InstitutionMerge", "members.MergeEntry"}
FREE = {"members.Endpoint", "members.InstitutionConfirmation", "members.InstitutionRedirect"}


def export(user: User) -> dict[str, Any]:
    return {
        "records_confirmed": rows(InstitutionConfirmation.objects.filter(by=user), "institution__name", "confirmed_at"),
        "records_merged": rows(
            InstitutionMerge.objects.filter(by=user), "gone_name", "kept__name", "reason", "merged_at"
        ),
    }


JOINS: Joins = {
    "members.Endpoint.asked_by": move,
    "members.Endpoint.approved_by": move,
    "members.InstitutionConfirmation.by": move,
    "members.InstitutionMerge.by": move,
    "members.InstitutionMerge.undone_by": move,
}
