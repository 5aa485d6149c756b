"""Drains the outbox. Any number of these may run at once, anywhere; only rows say who sends what."""

import logging
import os
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from notifications import journal, outbox
from notifications.digests import write_digests
from notifications.emails import ObsoleteError, as_bytes, is_announced, write
from notifications.models import Delivery
from notifications.quiet import end_of_quiet
from notifications.transport import InDoubt, Later, LeaseLost, Refused, new_transport
from toolkit.clock import database_now

log = logging.getLogger(__name__)

SECONDS = 10  # a drain ends about then, so that heartbeats and a stop are not kept waiting
ENOUGH = 3  # batches in turn that met no server: this drain ends, and the next one looks again
KEEP_MARKING = outbox.LEASE_IN_DATA.total_seconds()


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
    while found and not is_over():
        found = False
        for crashed in (False, True):
            rows = outbox.claim(owner, crashed=crashed)
            if not rows:
                continue
            found = True
            batch, server_away = send_batch(rows, is_over)
            ended += batch
            away = away + 1 if server_away else 0
            if away == ENOUGH:
                return ended
    return ended


def send_batch(rows: list[Delivery], is_over: Callable[[], bool]) -> tuple[Counter, bool]:
    """How each ended, and whether the server was away, which only the one that met it has to answer for."""
    ended: Counter = Counter()
    server_away = False
    rows = without_quiet(rows, ended)
    renewed = time.monotonic()
    with new_transport() as transport:
        while rows:
            if is_over():
                outbox.release(rows)
                break
            if time.monotonic() - renewed > outbox.LEASE.total_seconds() / 4:
                outbox.renew(rows)
                renewed = time.monotonic()
            row = rows.pop(0)
            outcome, server_away = send_one(row, transport)
            ended[outcome] += 1
            if server_away:
                outbox.release(rows, wait=outbox.back_off(1))
                break
    return ended, server_away


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


def send_one(row: Delivery, transport) -> tuple[str, bool]:
    """How it ended, and whether the server is away. A fault in one row never reaches the next one."""
    try:
        message = as_bytes(row, content_of(row))
        reply = transport.send(row, message, fence=lambda: outbox.pass_fence(row))
    except LeaseLost:
        return "lost", False
    except Later as problem:
        outbox.try_later(row, str(problem))
        return "later", problem.server_away
    except Refused as problem:
        surely(outbox.give_up, row, str(problem), address_refused=problem.address_refused)
        return "refused", False
    except InDoubt as problem:
        surely(outbox.try_later, row, str(problem), in_doubt=True)
        return "in doubt", False
    except ObsoleteError as reason:
        outbox.call_off(row, str(reason))
        return "obsolete", False
    except Exception as problem:
        if is_away(problem):
            raise  # the lease runs out by itself
        log.exception("Delivery %s could not be made", row.pk)
        outbox.try_later(row, repr(problem))
        return "later", False
    journal.note(row.pk, row.lease)
    surely(outbox.mark_sent, row, reply)
    return "sent", False


def content_of(row: Delivery) -> dict[str, str]:
    """Written once and stored, so that each attempt sends the same; never stored where it holds a secret."""
    stored = {"subject": row.subject, "body_text": row.body_text, "body_html": row.body_html, "stop_url": row.stop_url}
    if row.subject:
        return stored
    content = write(row)
    if not row.sensitive:
        outbox.store_content(row, **content)
    return content


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
