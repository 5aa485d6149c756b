"""The states of error reports, imported by PortalConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from anso_portal.models import ErrorReport
from workflow.tables import Move, Table

ERROR_REPORT = Table(
    ErrorReport,
    "state",
    Move("open", "forwarded", by=("officer",), tells="report.forwarded"),
    Move("forwarded", "open", by=("reply", "officer")),
    Move("open", "done", by=("officer",)),
    Move("forwarded", "done", by=("officer",)),
    names={"reply": _("the people of the institution")},
)
