"""What waits at the desk of the portal itself: reports of errors, for the secretariat."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import visible
from accounts.permissions import is_secretariat
from anso_portal.models import ErrorReport
from toolkit.desk import Item, Place, Request, oldest


def items(user) -> list[Item]:
    if not is_secretariat(user):
        return []
    kind = _("error report")
    waiting = visible(ErrorReport.objects.filter(state=ErrorReport.State.OPEN), user).order_by("created_at")
    return oldest(
        waiting,
        lambda report: Item(
            report.created_at, kind, report.record, reverse("admin:anso_portal_errorreport_change", args=[report.pk])
        ),
        url=reverse("admin:anso_portal_errorreport_changelist") + "?state__exact=open",
    )


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    return [Place(_("Administration"), reverse("admin:index"))] if is_secretariat(user) else []
