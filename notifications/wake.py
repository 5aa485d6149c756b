"""Wakes the sender after a commit.

A message lost or doubled here costs nothing: rows are the truth, and the relay looks by itself.
"""

import logging

from celery import current_app
from django.db import transaction

from toolkit.breaker import Breaker

log = logging.getLogger(__name__)

PAUSE = 10  # seconds without a further try after the broker did not answer
PATIENCE = 0.5  # seconds for each step of the conversation with the broker


breaker = Breaker(PAUSE)


def wake_sender() -> None:
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
        # A connection of its own: those of the pool retry for ever, as a worker must.
        with current_app.connection_for_write(transport_options=options, connect_timeout=PATIENCE) as connection:
            current_app.send_task("notifications.drain", connection=connection, retry=False, expires=30)
    except Exception as problem:  # the broker's libraries raise many kinds
        breaker.trip()
        log.warning("The sender was not woken, the relay will look by itself: %s", problem)


def wake_after_commit() -> None:
    """Once per transaction, however much it announces."""
    waiting = transaction.get_connection().run_on_commit
    if not any(function is wake_sender for _ids, function, _robust in waiting):
        transaction.on_commit(wake_sender, robust=True)
