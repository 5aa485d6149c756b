"""What waits between people: messages to answer, and for officers those that were reported."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from members.models import Message
from toolkit.desk import Item, Kind, Place, oldest_of


def items(user) -> list[Item]:
    return oldest_of(_to_answer(user), _reported(user))


def places(user) -> list[Place]:
    return [
        Place(_("My profile"), reverse("members:profile")),
        Place(_("Messages"), reverse("members:messages")),
    ]


def _to_answer(user) -> Kind:
    kind = _("message")
    waiting = Message.objects.visible_to(user).received_by(user).unsettled().order_by("pk")
    return Kind(
        waiting.with_people().defer("text"),
        lambda message: Item(message.sent_at, kind, message.sender_name, message.get_absolute_url()),
        reverse("members:messages"),
    )


def _reported(user) -> Kind:
    kind = _("reported message")
    waiting = Message.objects.reported().filter(permission("handle", Message)(user)).order_by("reported_at")
    return Kind(
        waiting.with_people().defer("text"),
        lambda message: Item(message.reported_at, kind, message.sender_name, message.get_absolute_url()),
        reverse("members:messages_reported"),
    )
