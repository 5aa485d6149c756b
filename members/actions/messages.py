"""Messages between people: sent, answered, put aside, stopped, reported, and in time forgotten.

Who is blocked gets the same answer as anybody, and the database does the same work: the message is kept for its sender alone.
"""

import uuid

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import can, demand
from accounts.models import User
from accounts.permissions import has_confirmed_address
from members.models import Message, MessageBlock, Person
from members.permissions import is_named, is_stopped
from notifications.actions import announce
from notifications.models import Delivery, Event

LONGEST_SUBJECT = 150
FORGOTTEN_AT_ONCE = 1000
RECIPIENT_ONLY = gettext_lazy("Only the person to whom it was sent can do this.")


def demand_contact(*, person: Person, by: User) -> None:
    """Raise PermissionDenied with the reason, unless this person may write to that one."""
    if can(by, "contact", person):
        return
    if person.user_id == by.pk:
        raise PermissionDenied(_("This is your own profile: others write to you here."))
    raise PermissionDenied(why_not(by) or _("This person takes no messages through the portal."))


def demand_answer(*, message: Message, by: User) -> None:
    demand(by, "answer", message, why_not(by) or str(RECIPIENT_ONLY))


def why_not(user: User) -> str:
    """Why this person may write to nobody; empty for most."""
    if not has_confirmed_address(user):
        return _("Confirm your e-mail address first, in your account settings; then you can write to people.")
    if is_stopped(user):
        return _("The secretariat has stopped messages from your account. Write to the secretariat about it.")
    if not is_named(user):
        return _("Write your name into your profile first, so that others know who writes to them.")
    return ""


@transaction.atomic
def send_message(
    *, to: Person, by: User, subject: str, text: str, shows_address: bool = False, token: uuid.UUID
) -> Message:
    """The same token again gives the message that is there already: a double click sends one."""
    if sent := _sent_already(by, token):
        return sent
    demand_contact(person=to, by=by)
    assert to.user
    message = Message(
        sender=by, recipient=to.user, subject=subject, text=text, shows_address=shows_address, token=token
    )
    return _relay(message)


@transaction.atomic
def answer_message(*, message: Message, by: User, text: str, shows_address: bool = False, token: uuid.UUID) -> Message:
    """To its sender, whose profile need not be public: who writes can be answered."""
    if sent := _sent_already(by, token):
        return sent
    demand_answer(message=message, by=by)
    begun = message.subject.removeprefix("Re: ")
    answer = Message(
        sender=by,
        recipient=message.sender,
        reply_to=message,
        subject=f"Re: {begun}"[:LONGEST_SUBJECT],
        text=text,
        shows_address=shows_address,
        token=token,
    )
    _settle(message)
    return _relay(answer)


def _sent_already(by: User, token: uuid.UUID) -> Message | None:
    return Message.objects.filter(sender=by, token=token).first()


def _relay(message: Message) -> Message:
    message.withheld = MessageBlock.objects.filter(blocker=message.recipient, blocked=message.sender).exists()
    try:
        with transaction.atomic():
            message.save(force_insert=True)
    except IntegrityError as problem:
        if "message_once" not in str(problem):
            raise
        return Message.objects.get(sender=message.sender, token=message.token)
    # Nobody is told of what they did themselves, so that a withheld message costs the same statements and tells nobody.
    told = message.sender if message.withheld else message.recipient
    announce("message.received", message, actor=message.sender, to=[told], context={"title": message.sender_name})
    return message


@transaction.atomic
def settle_message(*, message: Message, by: User) -> None:
    """It needs no answer."""
    demand(by, "receive", message, str(RECIPIENT_ONLY))
    _settle(message)


def _settle(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(settled_at=Coalesce(F("settled_at"), Now()))


@transaction.atomic
def block_sender(*, message: Message, by: User) -> None:
    """Nothing more from them arrives. They are not told, and see no difference."""
    demand(by, "receive", message, str(RECIPIENT_ONLY))
    MessageBlock.objects.get_or_create(blocker=by, blocked=message.sender)
    _settle(message)


def lift_block(*, block: MessageBlock, by: User) -> None:
    demand(by, "lift", block, _("Only who stopped the messages can do this."))
    block.delete()


@transaction.atomic
def report_message(*, message: Message, reason: str, by: User) -> None:
    """Officers see this one message from now on, and no other."""
    demand(by, "receive", message, str(RECIPIENT_ONLY))
    unreported = Message.objects.filter(pk=message.pk, reported_at__isnull=True)
    unreported.update(reported_at=Now(), report_reason=reason, settled_at=Coalesce(F("settled_at"), Now()))


@transaction.atomic
def handle_report(*, message: Message, stop_sender: bool, by: User) -> bool:
    """Close the report; where it is right, the sender writes to nobody any more. False: somebody did so already."""
    demand(by, "handle", message, _("Another officer can do this: it is about you."))
    handled = Message.objects.reported().filter(pk=message.pk).update(handled_at=Now(), handled_by=by)
    if handled and stop_sender:
        MessageBlock.objects.get_or_create(blocker=None, blocked=message.sender)
    return bool(handled)


def forget_old_messages() -> int:
    """Whole rows, and what was told of them, once they are older than `KEPT_FOR`."""
    forgotten = 0
    while True:
        keys = list(Message.objects.outdated().order_by("sent_at").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        forgotten += forget_messages(keys=keys)
        if len(keys) < FORGOTTEN_AT_ONCE:
            return forgotten


@transaction.atomic
def forget_messages(*, keys: list[int]) -> int:
    """These messages and all that was told of them: events name their record by number, so nothing deletes them along."""
    label, numbers = Message._meta.label_lower, [str(key) for key in keys]
    events = Event.objects.filter(subject_label=label, subject_id__in=numbers)
    told = list(Delivery.objects.filter(notifications__event__in=events).values_list("pk", flat=True))
    events.delete()
    Delivery.objects.filter(pk__in=told, notifications=None).delete()
    return Message.objects.filter(pk__in=keys).delete()[1].get(Message._meta.label, 0)
