"""The states of a project report, imported by ProjectsConfig.ready()."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from projects.models import Report
from workflow.tables import Move, Table

State = Report.State


def has_text(report: Report) -> None:
    draft = report.versions.filter(submitted_at__isnull=True).first()
    if draft is None or not draft.public_text.strip():
        raise ValidationError(_("Write what the public may read, before you submit it."), code="incomplete")


REPORT = Table(
    Report,
    "state",
    *(
        Move(source, State.SUBMITTED, by=("write",), guard=has_text, tells="report.handed_in")
        for source in (State.DUE, State.RETURNED)
    ),
    Move(State.SUBMITTED, State.RETURNED, by=("judge",), tells="report.returned"),
    Move(State.SUBMITTED, State.ACCEPTED, by=("judge",), tells="report.accepted"),
    names={
        "write": _("whoever acts for the institution that leads the project"),
        "judge": _("an officer who acts for none of its institutions"),
    },
)
