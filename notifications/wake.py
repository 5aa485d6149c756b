"""Wakes a worker after a commit: the sender, or another task that looks for its work itself.

A message lost or doubled here costs nothing: rows are the truth, and the relay looks by itself.
"""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.pools import connections

from toolkit.breaker import Breaker

log = logging.getLogger(__name__)

PAUSE = 10  # seconds without a further try after the broker did not answer
PATIENCE = 0.5  # seconds for each step of the conversation with the broker


breaker = Breaker(PAUSE)


SENDER = "notifications.drain"


def wake_sender() -> None:
    wake(SENDER)


def wake(task: str) -> None:
    """Never raises, and never waits long."""
    if not breaker.lets_pass():
        return
    try:
        options = {
            **current_app.conf.broker_transport_options,
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "max_retries": 0,
            "connect_retries_timeout": PATIENCE,
        }
        # A pool of its own, found by these options: connections of the other one retry for ever, as a worker must.
        broker = current_app.connection_for_write(transport_options=options, connect_timeout=PATIENCE)
        with connections[broker].acquire(block=True, timeout=PATIENCE) as connection:
            current_app.send_task(task, connection=connection, retry=False, expires=30)
    except Exception as problem:  # the broker's libraries raise many kinds
        breaker.trip()
        log.warning("%s was not woken, and comes by itself: %s", task, problem)


def wake_after_commit(task: str = SENDER) -> None:
    """Once per transaction, however much it announces."""
    waiting = [getattr(function, "args", ()) for _ids, function, _robust in transaction.get_connection().run_on_commit]
    if (task,) not in waiting:
        transaction.on_commit(partial(wake, task), robust=True)
