"""Drains the outbox. Any number of these may run at once, anywhere; only rows say who sends what."""

import logging
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import product

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from notifications import journal, outbox, webhooks
from notifications.digests import write_digests
from notifications.emails import ObsoleteError, as_bytes, is_announced, many, write
from notifications.models import Delivery
from notifications.quiet import end_of_quiet
from notifications.transport import InDoubt, Later, LeaseLost, Refused, new_transport
from notifications.webhooks import WebhookTransport
from toolkit.clock import database_now

log = logging.getLogger(__name__)

SECONDS = 10  # a drain ends about then, so that heartbeats and a stop are not kept waiting
ENOUGH = 3  # batches in turn that met no server: this drain ends, and the next one looks again
FENCED = 10  # mails that pass the fence together, and are told to the database together
KEEP_MARKING = outbox.LEASE_IN_DATA.total_seconds()


Channel = Delivery.Channel
Made = tuple[Delivery, bytes]


def drain(*, seconds: float = SECONDS, stop: Callable[[], bool] = lambda: False) -> Counter:
    """Send what is due until nothing is, the time is over, or `stop` says so. Answers how each row ended."""
    owner = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    end = time.monotonic() + seconds
    ended: Counter = Counter()
    outbox.wipe_secrets()
    outbox.reap()
    write_digests()

    def is_over() -> bool:
        return stop() or time.monotonic() >= end

    found, away = True, 0
    with new_transport() as mail, WebhookTransport() as hooks:
        ways = [(Channel.EMAIL, mail), (Channel.WEBHOOK, hooks)]
        while found and not is_over():
            found = False
            for (channel, transport), crashed in product(ways, (False, True)):
                rows = outbox.claim(owner, crashed=crashed, channel=channel)
                if not rows:
                    continue
                found = True
                batch, server_away = send_batch(rows, transport, is_over)
                ended += batch
                away = away + 1 if server_away else 0
                if away == ENOUGH:
                    return ended
    return ended


def send_batch(rows: list[Delivery], transport, is_over: Callable[[], bool]) -> tuple[Counter, bool]:
    """How each ended, and whether the server was away, which only the one that met it has to answer for."""
    ended: Counter = Counter()
    ready = made(without_quiet(rows, ended), ended)
    renewed = time.monotonic()
    while ready:
        if is_over():
            outbox.release(row for row, _message in ready)
            break
        if time.monotonic() - renewed > outbox.LEASE.total_seconds() / 4:
            outbox.renew([row for row, _message in ready])
            renewed = time.monotonic()
        left, server_away = send_several(ready[:FENCED], transport, ended, is_over)
        ready = left + ready[FENCED:]
        if server_away:
            outbox.release((row for row, _message in ready), wait=outbox.back_off(1))
            return ended, True
    return ended, False


def send_several(
    several: list[Made], transport, ended: Counter, is_over: Callable[[], bool]
) -> tuple[list[Made], bool]:
    """Behind one fence, and told to the database together. Answers what was not begun, and whether the server is away."""
    lease = several[0][0].lease
    is_noted = journal.note_fence(lease)
    passed = outbox.pass_fence([row for row, _message in several])
    until = time.monotonic() + outbox.LEASE_IN_DATA.total_seconds() / 2
    sent: list[tuple[int, str]] = []

    def may_begin(row: Delivery) -> bool:
        """Noted first: whoever finds the row after us must not think that it was never begun."""
        return (journal.note_begun(row.pk, lease) or not is_noted) and time.monotonic() < until

    try:
        for place, (row, message) in enumerate(several):
            if row.pk not in passed:
                ended["lost"] += 1
                continue
            if place and (is_over() or time.monotonic() > until):
                return several[place:], False  # to be given back, or asked for at the fence again
            outcome, reply, server_away = send_one(row, message, transport, partial(may_begin, row))
            ended[outcome] += 1
            if outcome == "sent":
                journal.note_sent(row.pk, lease)
                sent.append((row.pk, reply))
            if server_away:
                return several[place + 1 :], True
    finally:
        if sent:
            surely(outbox.mark_sent, lease, sent)
    return [], False


def made(rows: list[Delivery], ended: Counter) -> list[Made]:
    """The messages, written once and stored, so that each attempt sends the same; a fault in one never reaches the next."""
    ready, written = [], []
    with many():
        for row in rows:
            try:
                content = stored_in(row)
                is_mail = row.channel == Channel.EMAIL
                if not row.subject:
                    content = write(row) if is_mail else webhooks.write(row)
                    if not row.sensitive:
                        written.append((row, content))
                ready.append((row, as_bytes(row, content) if is_mail else content["body_text"].encode()))
            except ObsoleteError as reason:
                outbox.call_off(row, str(reason))
                ended["obsolete"] += 1
            except Refused as problem:
                outbox.give_up(row, str(problem), address_refused=problem.address_refused)
                ended["refused"] += 1
            except Exception as problem:
                if is_away(problem):
                    raise  # the lease runs out by itself
                log.exception("Delivery %s could not be made", row.pk)
                outbox.try_later(row, repr(problem))
                ended["later"] += 1
    outbox.store_contents(written)
    return ready


def without_quiet(rows: list[Delivery], ended: Counter) -> list[Delivery]:
    """Those that may go now: what is announced waits for the end of its reader's quiet hours, sign-in mail does not."""
    if not any(row.subscriber and row.subscriber.quiet_from for row in rows):
        return rows
    now = database_now()
    going = []
    for row in rows:
        until = end_of_quiet(row.subscriber, now) if row.subscriber and is_announced(row) else None
        if until:
            outbox.postpone(row, until)
            ended["postponed"] += 1
        else:
            going.append(row)
    return going


def send_one(row: Delivery, message: bytes, transport, fence: Callable[[], bool]) -> tuple[str, str, bool]:
    """How it ended, what the server said, and whether it is away."""
    try:
        return "sent", transport.send(row, message, fence=fence), False
    except LeaseLost:
        return "lost", "", False
    except Later as problem:
        outbox.try_later(row, str(problem))
        return "later", "", problem.server_away
    except Refused as problem:
        surely(outbox.give_up, row, str(problem), address_refused=problem.address_refused)
        return "refused", "", False
    except InDoubt as problem:
        surely(outbox.try_later, row, str(problem), in_doubt=True)
        return "in doubt", "", False
    except Exception as problem:
        if is_away(problem):
            raise
        log.exception("Delivery %s could not be handed over", row.pk)
        outbox.try_later(row, repr(problem))
        return "later", "", False


def stored_in(row: Delivery) -> dict[str, str]:
    return {"subject": row.subject, "body_text": row.body_text, "body_html": row.body_html, "stop_url": row.stop_url}


def is_away(problem: Exception) -> bool:
    """The database: psycopg2 tells of a server that died in mid-answer by the plainest of its errors."""
    return isinstance(problem, OperationalError | InterfaceError) or type(problem) is DatabaseError


def surely(mark: Callable, *args, **kwargs) -> None:
    """The message has left: while the database is away, the fact is kept here and told as soon as it is back."""
    pause = 0.1
    end = time.monotonic() + KEEP_MARKING
    while True:
        try:
            mark(*args, **kwargs)
        except Exception as problem:
            if not is_away(problem) or connection.in_atomic_block or time.monotonic() > end:
                raise
            log.warning("The database is away; telling it again what became of a delivery: %s", problem)
            connection.close()
            time.sleep(pause)
            pause = min(pause * 2, 5)
        else:
            return
