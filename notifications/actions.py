"""The door “announcing”, and what readers do with what they are told."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.db.models.functions import Now
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.models import User
from notifications import kinds
from notifications.fanout import fan_out, identity, message_id
from notifications.models import PATIENCE, TEXT_KEPT_FOR, Delivery, Event, Notification, Subscriber
from notifications.wake import wake_after_commit
from toolkit.sealing import seal

State = Delivery.State
A_QUARTER = timedelta(minutes=15)


def announce(
    kind: str,
    subject: models.Model,
    *,
    actor: User | None,
    about: Iterable[str] = (),
    to: Iterable[User | Subscriber] = (),
    context: Mapping | None = None,
) -> Event:
    """Write down that something happened and who is to hear of it. Rows only; the commit is the promise.

    Followers of a topic in `about` hear of it if an anonymous visitor may see the subject; those in `to` always do,
    and the actor never.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("announce() belongs inside the transaction of the change that it tells of.")
    address = subject.get_absolute_url()  # type: ignore[attr-defined]
    facts = {"title": str(subject), "address": address, **(context or {})}
    facts = {name: kinds.frozen(value) for name, value in facts.items()}
    kinds.demand(kind).check(facts)
    event = Event.objects.create(
        kind=kind,
        actor=actor,
        subject_label=subject._meta.label_lower,
        subject_id=str(subject.pk),
        facts=facts,
        topics=list(dict.fromkeys(about)),
        is_public=can(AnonymousUser(), "view", subject),
    )
    fan_out(event, named=_subscribers(to), public=event.is_public)
    wake_after_commit()
    return event


def _subscribers(people: Iterable[User | Subscriber]) -> list[int]:
    people = list(people)
    users = [person for person in people if isinstance(person, User)]
    keys = [person.pk for person in people if isinstance(person, Subscriber)]
    if users:
        keys += Subscriber.objects.of_users(users).values_list("pk", flat=True)
    return keys


def post_mail(
    *,
    address: str,
    purpose: str,
    context: Mapping | None = None,
    sensitive: bool = True,
    subscriber: Subscriber | None = None,
    secret: str = "",
    secret_for: timedelta = A_QUARTER,
) -> Delivery:
    """A mail that is no announcement, such as a password reset; `emails.register_writer` says what stands in it.

    It cannot be unsubscribed. A sensitive one stores no body: give ids in `context`, secrets are made at sending. One that
    cannot be made then, because somebody waits to compare it, is the `secret`: kept sealed, wiped when sent or when
    its time is over; the writer reads it with `emails.secret_of`.
    """
    delivery = _mail(address, purpose, context or {}, sensitive)
    delivery.subscriber = subscriber
    if secret:
        delivery.secret, delivery.secret_until = seal(secret), Now() + secret_for
    delivery.save(force_insert=True)
    wake_after_commit()
    return delivery


def post_mails(*, purpose: str, mails: Iterable[tuple[str, Mapping]], sensitive: bool = True) -> None:
    """Many of them, each an address and its context, in one statement."""
    Delivery.objects.bulk_create(_mail(address, purpose, context, sensitive) for address, context in mails)
    wake_after_commit()


def _mail(address: str, purpose: str, context: Mapping, sensitive: bool) -> Delivery:
    idem = identity(uuid.uuid4(), address, "email", purpose)
    return Delivery(
        address=address,
        purpose=purpose,
        context=dict(context),
        sensitive=sensitive,
        idem=idem,
        message_id=message_id(idem),
    )


def mark_read(*, notification: Notification, by: User) -> None:
    demand(by, "read", notification, _("Only the person to whom it was sent can do this."))
    Notification.objects.filter(pk=notification.pk, read_at__isnull=True).update(read_at=Now())


def mark_all_read(*, by: User, up_to: int | None = None, topic: str | None = None) -> int:
    """All that the reader has seen, or of one topic: `up_to` is the newest on the page, so that what came since stays unread."""
    unread = Notification.objects.of(by).unread().order_by()
    if topic is not None:
        unread = unread.because_of(topic)
    if up_to is not None:
        unread = unread.filter(pk__lte=up_to)
    return unread.update(read_at=Now())


def requeue_delivery(*, delivery: Delivery, by: User) -> bool:
    """Try again now what was given up, held, called off or left in doubt. Says whether it was one of these.

    Not after its text was forgotten, or is about to be.
    """
    _demand_edit(by, delivery)
    stopped = [State.DEAD, State.UNCERTAIN, State.HELD, State.CANCELLED, State.BOUNCED]
    found = Delivery.objects.filter(pk=delivery.pk, state__in=stopped, created_at__gt=Now() - TEXT_KEPT_FOR)
    changed = found.update(state=State.PENDING, next_at=Now(), give_up_at=Now() + PATIENCE, attempts=0, crashes=0)
    if changed:
        wake_after_commit()
    return bool(changed)


def cancel_delivery(*, delivery: Delivery, by: User) -> bool:
    """Call off what waits, and put aside what did not arrive. What is being sent, or was, cannot be called back."""
    _demand_edit(by, delivery)
    open_ones = Delivery.objects.filter(pk=delivery.pk, state__in=[*Delivery.WAITING, *Delivery.STOPPED])
    return bool(open_ones.update(state=State.CANCELLED))


def trust_address(*, subscriber: Subscriber, by: User) -> bool:
    """Write there again; says whether it was refused. The reader knows best, and officers can ask."""
    if subscriber.user_id != by.pk and not can(by, "trust", subscriber):
        raise PermissionDenied(_("Only the reader, officers and administrators can do this."))
    refused = Subscriber.objects.filter(pk=subscriber.pk).exclude(refused_address="")
    return bool(refused.update(refused_address="", refused_at=None))


def _demand_edit(by: User, delivery: Delivery) -> None:
    if not can(by, "edit", delivery):
        raise PermissionDenied(_("Officers and administrators can do this."))
