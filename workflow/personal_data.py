"""The moves that a person made. They stay, under a pseudonym; what the person wrote with them goes."""

from typing import Any

from accounts.models import User
from toolkit.personal import Joins, Traces, move, rows
from workflow.models import Step

OWN: set[str] = set()
TEXTS = {"workflow.Step"}
FREE: set[str] = set()
JOINS: Joins = {"workflow.Step.by": move}


def export(user: User) -> dict[str, Any]:
    fields = ("object_label", "object_id", "field", "source", "target", "reason", "at")
    return {"steps": rows(Step.objects.filter(by=user), *fields)}


def erase(user: User, traces: Traces) -> None:
    Step.objects.filter(by=user).exclude(reason="").update(reason="")
