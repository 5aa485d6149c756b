"""What a subscriber wants to hear of, where, and how often."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import time

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from notifications import kinds
from notifications.actions import post_mail
from notifications.emails import CONFIRM, DIGEST
from notifications.links import Wish
from notifications.models import Delivery, Follow, Notification, Preference, Subscriber
from notifications.models.subscriber import new_token
from notifications.personal_data import JOINS
from notifications.topics import Topic
from toolkit.personal import join_rows

Rhythm, Channel = Preference.Rhythm, Preference.Channel


@transaction.atomic
def follow_topic(*, topic: Topic, by: User) -> Follow:
    (subscriber,) = Subscriber.objects.of_users([by])
    return _follow(subscriber, topic)


def _follow(subscriber: Subscriber, topic: Topic) -> Follow:
    follow, _made = Follow.objects.get_or_create(
        subscriber=subscriber, topic=topic.key, defaults={"label": topic.label, "address": topic.address}
    )
    return follow


@transaction.atomic
def unfollow_topic(*, topic: str, subscriber: Subscriber) -> int:
    """Stop at once: what was not sent yet because of this topic is called off. What stands in the inbox stays."""
    stopped, _rows = Follow.objects.filter(subscriber=subscriber, topic=topic).delete()
    _call_off(subscriber, Q(topic=topic))
    return stopped


@transaction.atomic
def forget_topic(*, topic: str) -> None:
    """Nobody follows it any more, since nobody is to know of it any more."""
    for subscriber in Subscriber.objects.filter(follows__topic=topic):
        unfollow_topic(topic=topic, subscriber=subscriber)


# --- The own calendar


@transaction.atomic
def renew_calendar(*, by: User) -> Subscriber:
    """A new address for it; whoever knew the old one sees nothing any more."""
    (subscriber,) = Subscriber.objects.of_users([by])
    subscriber.calendar_token = new_token()
    subscriber.save(update_fields=["calendar_token"])
    return subscriber


# --- By an address alone


def ask_to_confirm(*, wish: Wish) -> None:
    """A mail with a link; until somebody follows it nothing is stored but the mail."""
    post_mail(address=wish.address, purpose=CONFIRM, context=asdict(wish))


@transaction.atomic
def follow_by_address(*, wish: Wish, topic: Topic) -> Subscriber:
    """Whoever has the mailbox has said so. If it is that of an account, the account follows."""
    user = User.objects.filter(email__iexact=wish.address, is_active=True).first()
    if user:
        return follow_topic(topic=topic, by=user).subscriber
    # Two confirmations at once: the key keeps one, and both find it.
    Subscriber.objects.bulk_create(
        [Subscriber(address=wish.address, language=wish.language, time_zone=wish.time_zone, confirmed_at=Now())],
        ignore_conflicts=True,
    )
    subscriber = Subscriber.objects.get(address__iexact=wish.address, user__isnull=True)
    _follow(subscriber, topic)
    return subscriber


@transaction.atomic
def forget_address(*, subscriber: Subscriber) -> None:
    """And all that was told to it; mail that is under way finds its row gone."""
    Delivery.objects.filter(subscriber=subscriber).delete()
    subscriber.delete()


@transaction.atomic
def take_over_address(*, user: User, address: str) -> None:
    """What an address alone followed goes to the account that has shown that the address is its own."""
    other = Subscriber.objects.filter(address__iexact=address, user__isnull=True).first()
    if other:
        (kept,) = Subscriber.objects.of_users([user])
        join_rows(kept, other, JOINS)
        other.delete()


# --- Rhythms


Chosen = dict[tuple[str, str], str]  # by area or kind, and channel: the rhythm


def chosen_by(subscriber: Subscriber | None) -> Chosen:
    if subscriber is None:
        return {}
    return {(row.about, row.channel): row.rhythm for row in Preference.objects.filter(subscriber=subscriber)}


def rhythms_of(chosen: Chosen) -> dict[str, tuple[str, str]]:
    """By area: the rhythm of its mail, and of the inbox (at once, or never)."""
    return {
        area.name: (
            chosen.get((area.name, Channel.EMAIL), _default(area.name)),
            Rhythm.NOW if area.mandatory else chosen.get((area.name, Channel.INBOX), Rhythm.NOW),
        )
        for area in kinds.areas()
    }


def _default(area: str) -> str:
    """That of its kinds, where they are alike."""
    found = {kind.rhythm for kind in kinds.in_area(area)}
    return found.pop() if len(found) == 1 else Rhythm.NOW


@transaction.atomic
def choose(
    *,
    subscriber: Subscriber,
    email: Mapping[str, str],
    inbox: Mapping[str, str] | None = None,
    quiet: tuple[time, time] | None = None,
    time_zone: str = "",
) -> None:
    """By area. What was chosen for single kinds of an area gives way; what waits for a digest goes by the new rhythm.

    For what an area held back from now on nothing is sent any more, as after `stop_mail`.
    """
    Subscriber.objects.filter(pk=subscriber.pk).update(
        quiet_from=quiet[0] if quiet else None,
        quiet_until=quiet[1] if quiet else None,
        **({"time_zone": time_zone} if time_zone else {}),
    )
    wanted = [(about, Channel.EMAIL, rhythm) for about, rhythm in email.items()]
    wanted += [(about, Channel.INBOX, rhythm) for about, rhythm in (inbox or {}).items()]
    Preference.objects.bulk_create(
        [Preference(subscriber=subscriber, about=about, channel=chan, rhythm=rhythm) for about, chan, rhythm in wanted],
        update_conflicts=True,
        unique_fields=["subscriber", "about", "channel"],
        update_fields=["rhythm"],
    )
    for about, rhythm in email.items():
        names = [kind.name for kind in kinds.in_area(about)]
        if rhythm != Rhythm.OFF:
            Preference.objects.filter(subscriber=subscriber, about__in=names).exclude(rhythm=Rhythm.OFF).delete()
        else:
            _call_off(subscriber, Q(event__kind__in=names))
        waiting = Notification.objects.filter(subscriber=subscriber, event__kind__in=names)
        if rhythm in Preference.COLLECTED:
            waiting.filter(mail__in=Preference.COLLECTED).update(mail=rhythm)
        elif rhythm == Rhythm.NOW:
            # It waited for a digest: it goes with the next one of the day, and not as a mail of its own.
            waiting.filter(mail=Rhythm.WEEKLY).update(mail=Rhythm.DAILY)


@transaction.atomic
def stop_mail(*, kind: str, subscriber: Subscriber) -> None:
    """No mail about this kind of event any more, or no digest; the inbox still tells it."""
    if kind != DIGEST:
        _set(subscriber, kind, Rhythm.OFF)
        _call_off(subscriber, Q(event__kind=kind))
        return
    Preference.objects.filter(subscriber=subscriber, rhythm__in=Preference.COLLECTED).update(rhythm=Rhythm.OFF)
    for area, (rhythm, _inbox) in rhythms_of(chosen_by(subscriber)).items():
        if rhythm in Preference.COLLECTED:  # by default, until now
            _set(subscriber, area, Rhythm.OFF)
    Notification.objects.filter(subscriber=subscriber, mail__in=Preference.COLLECTED).update(mail=Rhythm.OFF)
    _cancel(Delivery.objects.filter(subscriber=subscriber, purpose=DIGEST))


def is_stopped(*, kind: str, subscriber: Subscriber) -> bool:
    chosen = chosen_by(subscriber)
    if kind == DIGEST:
        return not any(rhythm in Preference.COLLECTED for rhythm, _inbox in rhythms_of(chosen).values())
    area = kinds.get(kind).area.name
    return chosen.get((kind, Channel.EMAIL), chosen.get((area, Channel.EMAIL))) == Rhythm.OFF


def resume_mail(*, kind: str, subscriber: Subscriber) -> None:
    Preference.objects.filter(subscriber=subscriber, about=kind, channel=Channel.EMAIL).delete()


def _set(subscriber: Subscriber, about: str, rhythm: str) -> None:
    Preference.objects.update_or_create(
        subscriber=subscriber, about=about, channel=Channel.EMAIL, defaults={"rhythm": rhythm}
    )


def _call_off(subscriber: Subscriber, which: Q) -> None:
    """What waits to be sent of these; a digest goes without them, and not at all where nothing is left of it."""
    told = Notification.objects.filter(which, subscriber=subscriber)
    told.filter(mail__in=Preference.COLLECTED).update(mail=Rhythm.OFF)
    waiting = Delivery.objects.filter(subscriber=subscriber, state__in=Delivery.WAITING)
    keys = list(waiting.filter(notifications__in=told).values_list("pk", flat=True).distinct())
    told.filter(delivery__in=keys, delivery__purpose=DIGEST, delivery__subject="").update(delivery=None)
    # A digest that is written already says them still, as does each mail that is under way.
    gone = waiting.filter(pk__in=keys).exclude(purpose=DIGEST, notifications__isnull=False)
    _cancel(Delivery.objects.filter(pk__in=list(gone.values_list("pk", flat=True))))


def _cancel(rows: QuerySet[Delivery]) -> None:
    rows.filter(state__in=Delivery.WAITING).update(state=Delivery.State.CANCELLED)
