from django.utils.translation import gettext_lazy as _

from members.models import ChangeRequest
from workflow.tables import Move, Table

CHANGE_REQUEST = Table(
    ChangeRequest,
    "state",
    Move("draft", "proposed", by=("send",)),
    Move("proposed", "withdrawn", by=("send",)),
    Move("proposed", "decided", by=("decide",), tells="record.change_decided"),
    names={
        "send": _("the person who proposed it, while acting for the institution"),
        "decide": _("a programme officer or administrator who did not propose it"),
    },
)
