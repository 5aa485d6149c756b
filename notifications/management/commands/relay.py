import logging
import signal
import threading
import time

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from notifications.heartbeats import RELAY, show_life
from notifications.models import Delivery
from notifications.sender import drain

log = logging.getLogger(__name__)

HEARTBEAT = 10
LOOK = settings.MAIL_SWEEP / 2
LOOK_SOON = LOOK / 3


class Command(BaseCommand):
    help = "Sends what is due without Redis or Celery, beside the worker. Ends on SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        look_at = 0.0
        while not stop.is_set():
            try:
                close_old_connections()
                show_life(RELAY)
                if time.monotonic() >= look_at:
                    sent = drain(seconds=HEARTBEAT - 2, stop=stop.is_set)
                    more = bool(sent) or Delivery.objects.due().exists()
                    look_at = time.monotonic() + (LOOK_SOON if more else LOOK)
            except (DatabaseError, InterfaceError) as problem:
                log.warning("The database is away; trying again: %s", problem)
                connection.close()
            stop.wait(min(HEARTBEAT, max(look_at - time.monotonic(), 0.5)))
        connection.close()
