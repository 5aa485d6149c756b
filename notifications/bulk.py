"""Mail to many before it goes: officers see it, hold it, word it anew, release it or call it off.

An announcement to many waits for a moment by itself, and kinds that officers have chosen wait until one releases them.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import can, can_on_some
from accounts.models import User
from notifications import kinds
from notifications.emails import DIGEST
from notifications.kinds import Kind
from notifications.models import PATIENCE, Delivery, Event, HeldKind
from notifications.texts import check
from notifications.wake import wake_after_commit

State = Delivery.State
SHOWN = 100
NOT_WRITTEN = {"subject": "", "body_text": "", "body_html": "", "stop_url": ""}


def waiting(user) -> list[dict[str, Any]]:
    """Announcements of which mail is held, or waits for many: newest first."""
    rows = Delivery.objects.visible_to(user).filter(state__in=[*Delivery.WAITING, State.HELD]).exclude(purpose=DIGEST)
    found = (
        rows.filter(notifications__isnull=False)
        .order_by()
        .values("notifications__event")
        .annotate(number=Count("pk"), held=Count("pk", filter=Q(state=State.HELD)), due=Min("next_at"))
        .filter(Q(held__gt=0) | Q(number__gte=settings.MAIL_BULK))
        .order_by("-notifications__event")[:SHOWN]
    )
    numbers = {row["notifications__event"]: row for row in found}
    events = Event.objects.visible_to(user).in_bulk(numbers)
    return [{"event": events[key], **row} for key, row in numbers.items() if key in events]


def mails_of(event: Event) -> QuerySet[Delivery]:
    return Delivery.objects.filter(notifications__event=event).exclude(purpose=DIGEST)


def numbers_of(event: Event) -> list[tuple[str, int]]:
    """By state, in words."""
    counted = dict(mails_of(event).order_by().values_list("state").annotate(Count("pk")))
    return [(str(state.label), counted[state.value]) for state in State if state.value in counted]


def _update(event: Event, states: Sequence[str], **values) -> int:
    keys = mails_of(event).filter(state__in=states).values("pk")
    return Delivery.objects.filter(pk__in=keys, state__in=states).update(**values)


@transaction.atomic
def hold_event(*, event: Event, by: User) -> int:
    """What is being sent at this moment goes. How many are held now."""
    _demand(by, event)
    return _update(event, list(Delivery.WAITING), state=State.HELD)


@transaction.atomic
def release_event(*, event: Event, by: User) -> int:
    """At once, and without the moment that mail to many waits by itself."""
    _demand(by, event)
    states = [State.HELD, *Delivery.WAITING]
    number = _update(event, states, state=State.PENDING, next_at=Now(), give_up_at=Now() + PATIENCE)
    wake_after_commit()
    return number


@transaction.atomic
def call_off_event(*, event: Event, by: User) -> int:
    """The mail; the inboxes tell it still."""
    _demand(by, event)
    return _update(event, [State.HELD, *Delivery.WAITING], state=State.CANCELLED)


@transaction.atomic
def word_event(*, event: Event, language: str, subject: str, sentence: str, by: User) -> None:
    """For all to whom it did not go yet, and for inboxes. ValidationError unless all mail of it that waits is held."""
    _demand(by, event)
    row = Event.objects.select_for_update().get(pk=event.pk)
    if mails_of(row).filter(state__in=[*Delivery.WAITING, State.LEASED]).exists():
        raise ValidationError(_("Hold it first: some of it is about to go."), code="not_held")
    for text in (subject, sentence):
        check(kinds.get(row.kind), text)
    words = row.facts.get("words", {}) | {language: [subject, sentence]}
    row.facts = row.facts | {"words": words}
    row.save(update_fields=["facts"])
    # What may have reached somebody is sent again as it was, or its Message-ID would name two texts.
    held = mails_of(row).filter(state=State.HELD, uncertain=0).values("pk")
    Delivery.objects.filter(pk__in=held).update(**NOT_WRITTEN)


def _demand(by: User, event: Event) -> None:
    if not can(by, "edit", event):
        raise PermissionDenied(_("Officers and administrators can do this."))


# --- Kinds whose mail waits for an officer


@transaction.atomic
def hold_kind(*, kind: Kind, by: User) -> None:
    """What is announced from now on."""
    _demand_kinds(by)
    if kind.sensitive:
        raise ValidationError(_("Somebody waits for these mails: they cannot be held."))
    HeldKind.objects.get_or_create(kind=kind.name, defaults={"by": by})


@transaction.atomic
def let_kind_go(*, kind: Kind, by: User) -> None:
    """What is held already stays so until it is released."""
    _demand_kinds(by)
    HeldKind.objects.filter(kind=kind.name).delete()


def _demand_kinds(by: User) -> None:
    if not can_on_some(by, "edit", HeldKind):
        raise PermissionDenied(_("Officers and administrators can do this."))
