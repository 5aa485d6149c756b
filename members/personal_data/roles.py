"""What a person may do for an institution, and to which roles somebody was invited."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.personal_data import closed_address, end_roles, fold_roles
from members.actions.roles import focal_point_alone_for
from members.models import InstitutionRole, Invitation
from toolkit.personal import Joins, Traces, move, rows

OWN = {"members.InstitutionRole", "members.Invitation"}


def export(user: User) -> dict[str, Any]:
    held = InstitutionRole.objects.filter(user=user)
    invited = Invitation.objects.filter(Q(answered_by=user) | Q(email__iexact=user.email))
    told = ("email", "name", "institution__name", "role", "state", "created_at", "answered_at")
    return {
        "roles_in_institutions": rows(held, "institution__name", "role", "starts_on", "ends_on"),
        "invitations": rows(invited, *told),
        "invitations_given": rows(Invitation.objects.filter(invited_by=user), *told),
    }


def obstacles(user: User) -> Iterator[str]:
    for institution in focal_point_alone_for(user):
        text = _("You are the only focal point of %(name)s. Hand this role over to a colleague first.")
        yield text % {"name": institution}


def erase(user: User, traces: Traces) -> None:
    end_roles(InstitutionRole.objects.filter(user=user))
    invited = Invitation.objects.filter(Q(answered_by=user) | Q(email__in=traces.texts))
    invited.filter(state=Invitation.State.WAITING).delete()
    invited.update(name="", email=closed_address(user))


JOINS: Joins = {
    "members.InstitutionRole.user": fold_roles("institution_id", "role"),
    "members.InstitutionRole.given_by": move,
    "members.InstitutionRole.ended_by": move,
    "members.Invitation.invited_by": move,
    "members.Invitation.answered_by": move,
}
