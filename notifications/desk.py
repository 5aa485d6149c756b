"""What waits at the post: mail that could not be sent, for the secretariat."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import is_secretariat
from notifications.models import Delivery
from toolkit.desk import Item, Place, Request, oldest

State = Delivery.State


def items(user) -> list[Item]:
    if not is_secretariat(user):
        return []
    kind, held = _("mail that did not arrive"), _("mail that is held")
    stopped = Delivery.objects.visible_to(user).filter(state__in=Delivery.STOPPED).order_by("created_at")
    return oldest(
        stopped.defer("body_text", "body_html", "context"),
        lambda row: Item(
            row.created_at,
            held if row.state == State.HELD else kind,
            row.address,
            reverse("notifications:outbox")
            if row.state == State.HELD
            else reverse("admin:notifications_delivery_change", args=[row.pk]),
        ),
        url=reverse("admin:notifications_delivery_changelist"),
    )


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    office = []
    if is_secretariat(user):
        office = [
            Place(_("Outbox"), reverse("notifications:outbox")),
            Place(_("Texts of mails"), reverse("notifications:texts")),
        ]
    return [Place(_("Inbox"), reverse("notifications:inbox")), *office]
