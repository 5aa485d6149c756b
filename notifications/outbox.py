"""What becomes of a delivery: claimed, fenced, sent, tried again, given up. Each function is one statement of its own.

A row belongs to whoever holds its lease, and only while the lease lasts; every statement asks for it. What a dead
sender left behind is found by `reap`. All times are the database's.
"""

import random
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Case, F, Prefetch, Q, Value, When
from django.db.models.functions import Now

from notifications import journal
from notifications.models import PATIENCE, Delivery, Notification, Subscriber

BATCH: dict[str, int] = {Delivery.Channel.EMAIL: 100, Delivery.Channel.WEBHOOK: 10}
LEASE = timedelta(seconds=settings.MAIL_LEASE)
LEASE_IN_DATA = timedelta(seconds=settings.MAIL_LEASE_IN_DATA)
BACK_OFF = timedelta(seconds=settings.MAIL_BACK_OFF)
BACK_OFF_MOST = timedelta(hours=6)
CRASHES = 3

State, Phase = Delivery.State, Delivery.Phase


TABLE = Delivery._meta.db_table
FENCE = f"""
UPDATE {TABLE} SET phase = 'data', lease_until = STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second'
WHERE id = ANY(%s) AND lease = %s AND state = 'leased' AND lease_until > STATEMENT_TIMESTAMP()
RETURNING id
"""  # noqa: S608 (our own name)
CONTENT = ("subject", "body_text", "body_html", "stop_url")
STORE = f"""
UPDATE {TABLE} d SET {", ".join(f"{name} = told.{name}" for name in CONTENT)}
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) told (id, {", ".join(CONTENT)})
WHERE d.id = told.id AND d.lease = %s AND d.state = 'leased'
"""  # noqa: S608
SENT = f"""
UPDATE {TABLE} d SET state = 'sent', phase = '', lease_until = NULL, sent_at = STATEMENT_TIMESTAMP(), last_error = '',
    smtp_reply = told.reply, secret = '', context = CASE WHEN d.sensitive THEN '{{}}'::jsonb ELSE d.context END
FROM unnest(%s::bigint[], %s::text[]) told (id, reply)
WHERE d.id = told.id AND d.lease = %s
"""  # noqa: S608


def waiting(*, crashed: bool, channel: str):
    """What is due, in the order in which it is sent; each of these has an index."""
    which = Q(crashes__gt=0) if crashed else Q(crashes=0)
    return Delivery.objects.due().filter(which, channel=channel).order_by("next_at", "pk")


@transaction.atomic
def claim(owner: str, *, crashed: bool = False, channel: str = Delivery.Channel.EMAIL) -> list[Delivery]:
    """Take up to 100 due mails or 10 webhooks, whose servers may be slow; or one alone that died with its sender before: it
    may be what killed it.

    The attempt is counted here, before anything is tried, so that a row which kills its sender is counted too.
    """
    most = 1 if crashed else BATCH[channel]
    due = waiting(crashed=crashed, channel=channel).select_for_update(skip_locked=True)
    keys = list(due.values_list("pk", flat=True)[:most])
    if not keys:
        return []
    lease = uuid.uuid4()
    Delivery.objects.filter(pk__in=keys).update(
        state=State.LEASED, phase="", lease=lease, lease_until=Now() + LEASE, owner=owner, attempts=F("attempts") + 1
    )
    told = Notification.objects.select_related("event").order_by("event_id")
    claimed = Delivery.objects.filter(pk__in=keys).select_related("subscriber__user").order_by("next_at", "pk")
    return list(claimed.prefetch_related(Prefetch("notifications", told)))


def _held(row: Delivery):
    return Delivery.objects.filter(pk=row.pk, lease=row.lease, state=State.LEASED)


def renew(rows: Iterable[Delivery]) -> None:
    """The rest of a batch waits while one mail is slow; it must not be taken for left behind."""
    keys = [row.pk for row in rows]
    if keys:
        lease = next(iter(rows)).lease
        Delivery.objects.filter(pk__in=keys, lease=lease, state=State.LEASED).update(lease_until=Now() + LEASE)


def store_contents(written: Sequence[tuple[Delivery, Mapping[str, str]]]) -> None:
    """What is sent is stored first: each further attempt sends the same bytes."""
    if not written:
        return
    columns = [[content[name] for _row, content in written] for name in CONTENT]
    with connection.cursor() as cursor:
        cursor.execute(STORE, [[row.pk for row, _content in written], *columns, str(written[0][0].lease)])


def pass_fence(rows: Sequence[Delivery]) -> set[int]:
    """The last question before messages of one claim are handed over, for a few of them together.

    Answers the numbers of those that passed; of the others the lease ran out, and somebody else has the row.
    """
    ours = [row.pk for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(FENCE, [LEASE_IN_DATA.total_seconds(), ours, str(rows[0].lease)])
        return {key for (key,) in cursor.fetchall()}


def mark_sent(lease: uuid.UUID | None, sent: Sequence[tuple[int, str]]) -> int:
    """Numbers of rows and what the server said. Sent as soon as the server took it, whatever happened to the row
    meanwhile, unless another sender has it now.
    """
    keys, replies = [key for key, _reply in sent], [reply[:1000].replace("\x00", "") for _key, reply in sent]
    with connection.cursor() as cursor:
        cursor.execute(SENT, [keys, replies, str(lease)])
        return cursor.rowcount


def try_later(row: Delivery, error: str, *, in_doubt: bool = False) -> None:
    """After a fault that may pass. In doubt: the server may have taken the message, and did not say so.

    Then it is sent again, recognisable by its Message-ID, except where it holds a secret: a person decides.
    """
    wait = back_off(row.attempts)
    after = Case(When(give_up_at__lte=Now() + wait, then=Value(State.DEAD)), default=Value(State.RETRY))
    held = in_doubt and row.sensitive
    _held(row).update(
        state=State.UNCERTAIN if held else after,
        phase="",
        lease_until=None,
        next_at=Now() + wait,
        uncertain=F("uncertain") + int(in_doubt),
        last_error=error[:1000],
    )


def give_up(row: Delivery, error: str, *, address_refused: bool = False) -> None:
    """After a fault that will not pass."""
    ended = _held(row).update(state=State.DEAD, phase="", lease_until=None, last_error=error[:1000])
    if ended and address_refused and row.subscriber_id:
        Subscriber.objects.filter(pk=row.subscriber_id).update(refused_address=row.address, refused_at=Now())


def call_off(row: Delivery, reason: str) -> None:
    _held(row).update(state=State.CANCELLED, phase="", lease_until=None, last_error=reason[:1000])


def postpone(row: Delivery, until: datetime) -> None:
    """Not now, for a reason of its reader's; as if it had not been claimed."""
    _held(row).filter(phase="").update(
        state=State.PENDING if row.attempts == 1 else State.RETRY,
        lease_until=None,
        attempts=F("attempts") - 1,
        next_at=until,
        give_up_at=until + PATIENCE,
    )


def release(rows: Iterable[Delivery], *, wait: timedelta | None = None) -> None:
    """Give back what was claimed and not begun, as if it had not been claimed; for a while, where the server is away.

    Their attempts are not counted: however long it is away, they go soon after it is back.
    """
    rows = list(rows)
    if rows:
        held = Delivery.objects.filter(pk__in=[row.pk for row in rows], lease=rows[0].lease, state=State.LEASED)
        held.update(
            state=Case(When(attempts=1, then=Value(State.PENDING)), default=Value(State.RETRY)),
            phase="",
            lease_until=None,
            attempts=F("attempts") - 1,
            **({"next_at": Now() + wait} if wait else {}),
        )


def wipe_secrets() -> int:
    """Forget the secrets that nobody may use any more, wherever their mail has stayed."""
    return Delivery.objects.exclude(secret="").filter(secret_until__lte=Now()).update(secret="")


def forget_old_mails() -> int:
    """What old mails said, and from what they were written. Those of no subscriber go whole: an invitation or a sign-in
    mail may have gone to somebody who has no account. Says how many rows changed.
    """
    forgotten, _rows = Delivery.objects.outdated().filter(subscriber=None).delete()
    empty = {"body_text": "", "body_html": "", "stop_url": "", "secret": "", "context": {}}
    return forgotten + Delivery.objects.outdated().exclude(**empty).update(**empty)


def reap() -> int:
    """Take back rows whose sender is gone. Before the fence nothing was sent; behind it the journal knows, or nobody does."""
    expired = Delivery.objects.filter(state=State.LEASED, lease_until__lte=Now())
    behind = {(key, str(lease)) for key, lease in expired.filter(phase=Phase.DATA).values_list("pk", "lease")}
    notes = journal.notes() if behind else journal.Notes()
    for key, lease in behind & notes.sent:
        mark_sent(uuid.UUID(lease), [(key, "250, as the journal of the sender says")])
    not_begun = [key for key, lease in behind if notes.not_begun((key, lease))]
    in_data = Q(phase=Phase.DATA) & ~Q(pk__in=not_begun)
    return expired.update(
        state=Case(
            When(in_data & Q(sensitive=True), then=Value(State.UNCERTAIN)),
            When(crashes__gte=CRASHES - 1, then=Value(State.DEAD)),
            default=Value(State.RETRY),
            output_field=models.CharField(),
        ),
        crashes=F("crashes") + 1,
        uncertain=F("uncertain") + Case(When(in_data, then=1), default=0),
        phase="",
        lease_until=None,  # the lease itself stays: a sender that was only slow may still say that it sent
        next_at=Now(),
        last_error="The sender ended before it could say what became of this.",
    )


def back_off(attempts: int) -> timedelta:
    """A minute, doubled with each attempt, at most six hours; by half more or less, lest rows come in step."""
    wait = min(BACK_OFF * 2 ** min(max(attempts - 1, 0), 20), BACK_OFF_MOST)
    return min(wait * random.uniform(0.5, 1.5), BACK_OFF_MOST)  # noqa: S311
