"""What waits at the desk of the portal itself: reports of errors, for the secretariat."""

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import is_secretariat
from anso_portal.models import ErrorReport
from members.permissions import acting_for
from toolkit.desk import Item, Place, Request, oldest


def items(user) -> list[Item]:
    """Reports to read, for the secretariat, and those that an institution is asked about; one comes back when it replies."""
    officer = is_secretariat(user)
    to_read, to_reply = _("error report"), _("a reader reports an error")
    asked = Q(state=ErrorReport.State.FORWARDED, forwarded_to__in=acting_for(user))
    waiting = ErrorReport.objects.visible_to(user).filter(Q(state=ErrorReport.State.OPEN) | asked if officer else asked)
    return oldest(
        waiting.annotate(since=Case(When(asked, then="forwarded_at"), default="created_at")).order_by("since", "pk"),
        lambda report: Item(
            report.since,
            to_read if report.state == ErrorReport.State.OPEN else to_reply,
            report.record,
            report.get_absolute_url(),
        ),
        url=reverse("anso_portal:moderation") + "?kind=reports" if officer else reverse("anso_portal:desk"),
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
