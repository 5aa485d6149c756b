"""What waits around changes to records: those not sent yet, and those to decide on."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from accounts.permissions import is_secretariat
from members.models import ChangeRequest
from toolkit.desk import Item, Kind, Request, oldest_of

SHOWN = 10  # of one's own requests, the newest; the older ones are told in the inbox


def items(user) -> list[Item]:
    return oldest_of(_to_send(user), *([_to_decide(user)] if is_secretariat(user) else []))


def mine(user) -> list[Request]:
    return _own_changes(user)


def _to_send(user) -> Kind:
    kind = _("changes not sent yet")
    drafts = ChangeRequest.objects.visible_to(user).filter(by=user, state=ChangeRequest.State.DRAFT)
    return Kind(
        drafts.select_related("institution").order_by("changed_at"),
        lambda change: Item(
            change.changed_at, kind, change.institution.name, reverse("members:edit", args=[change.institution.slug])
        ),
        reverse("anso_portal:desk"),
    )


def _to_decide(user) -> Kind:
    kind = _("changes to a record")
    waiting = ChangeRequest.objects.waiting().filter(permission("decide", ChangeRequest)(user))
    return Kind(
        waiting.select_related("institution").order_by("proposed_at"),
        lambda change: Item(
            change.proposed_at, kind, change.institution.name, reverse("members:moderate", args=[change.pk])
        ),
        reverse("anso_portal:moderation") + "?kind=changes",
    )


def _own_changes(user) -> list[Request]:
    kind = _("Changes to a record")
    sent = ChangeRequest.objects.visible_to(user).filter(by=user, proposed_at__isnull=False)
    return [
        Request(
            change.changed_at,
            kind,
            change.institution.name,
            change.get_absolute_url(),
            change.get_state_display(),
            _("An officer looks at each field.") if change.state == ChangeRequest.State.PROPOSED else "",
        )
        for change in sent.select_related("institution").order_by("-changed_at")[:SHOWN]
    ]
