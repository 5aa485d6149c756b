"""What waits at the desk of the portal itself: reports of errors, for the secretariat."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import visible
from accounts.permissions import is_secretariat
from anso_portal.models import ErrorReport
from members.permissions import acting_for
from toolkit.desk import Item, Place, Request, oldest


def items(user) -> list[Item]:
    return [*(_reports_to_read(user) if is_secretariat(user) else []), *_reports_to_reply_to(user)]


def _reports_to_read(user) -> list[Item]:
    """What is with an institution comes back when it replies."""
    kind = _("error report")
    waiting = visible(ErrorReport.objects.filter(state=ErrorReport.State.OPEN), user).order_by("created_at")
    return oldest(
        waiting,
        lambda report: Item(report.created_at, kind, report.record, report.get_absolute_url()),
        url=reverse("anso_portal:moderation") + "?kind=reports",
    )


def _reports_to_reply_to(user) -> list[Item]:
    kind = _("a reader reports an error")
    asked = ErrorReport.objects.filter(state=ErrorReport.State.FORWARDED, forwarded_to__in=acting_for(user))
    return oldest(
        asked.order_by("forwarded_at"),
        lambda report: Item(report.forwarded_at, kind, report.record, report.get_absolute_url()),
        url=reverse("anso_portal:desk"),
    )


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    if not is_secretariat(user):
        return []
    return [
        Place(_("Moderation"), reverse("anso_portal:moderation")),
        Place(_("What was changed"), reverse("anso_portal:history")),
        Place(_("Administration"), reverse("admin:index")),
    ]
