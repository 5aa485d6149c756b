"""What a person wrote to others through the portal, and got from them."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from members.actions.messages import forget_messages
from members.models import Message, MessageBlock
from toolkit.personal import Joining, Joins, Traces, move, move_unless_there, rows

OWN = {"members.MessageBlock"}
TEXTS = {"members.Message"}  # they may name anybody


def export(user: User) -> dict[str, Any]:
    """What others wrote is theirs too: it is given as it was received, without anything else about them."""
    got = Message.objects.filter(recipient=user, withheld=False)
    return {
        "messages_sent": rows(Message.objects.filter(sender=user), "subject", "text", "shows_address", "sent_at"),
        "messages_received": rows(got, "subject", "text", "sent_at", "settled_at", "reported_at", "report_reason"),
        "senders_blocked": MessageBlock.objects.filter(blocker=user).count(),
    }


def erase(user: User, traces: Traces) -> None:
    """Both sides of each conversation, with what was told of it."""
    MessageBlock.objects.filter(Q(blocker=user) | Q(blocked=user)).delete()
    forget_messages(keys=list(Message.objects.filter(Q(sender=user) | Q(recipient=user)).values_list("pk", flat=True)))


def move_messages(joining: Joining) -> None:
    """What the person wrote from one account to the other goes: nobody writes to themselves."""
    between = Q(sender=joining.closed, recipient=joining.kept) | Q(sender=joining.kept, recipient=joining.closed)
    forget_messages(keys=list(Message.objects.filter(between).values_list("pk", flat=True)))
    move(joining)


def move_blocks(joining: Joining) -> None:
    between = Q(blocker=joining.closed, blocked=joining.kept) | Q(blocker=joining.kept, blocked=joining.closed)
    MessageBlock.objects.filter(between).delete()
    move_unless_there("blocked_id" if joining.relation.name == "blocker" else "blocker_id")(joining)


JOINS: Joins = {
    "members.Message.sender": move_messages,
    "members.Message.recipient": move_messages,
    "members.Message.handled_by": move,
    "members.MessageBlock.blocker": move_blocks,
    "members.MessageBlock.blocked": move_blocks,
}
