"""How `bin/up` runs gunicorn. Behind nginx, use sync workers and let nginx compress: see docs/operations.md."""

import os
import time

bind = os.environ.get("ANSO_BIND", "127.0.0.1:8000")
workers = os.cpu_count() or 1
worker_class = "gthread"  # No proxy stands before it: idle connections of two browsers would block two sync workers.
threads = 4
preload_app = True
control_socket_disable = True
timeout = 60
graceful_timeout = 5
loglevel = "warning"
logger_class = "anso_portal.weblog.WebLogger"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (gunicorn makes its file safely)

PATIENCE = 120.0


def on_starting(server) -> None:
    """Waits, loaded but not yet listening, until the portal is whole, so that its first answer is a good one.

    Without an end to this, a worker that never comes would keep every page away.
    """
    since = os.environ.get("ANSO_WAIT_SINCE")
    if not since:
        return
    from django.db import connections

    from anso_portal import health

    end, told = time.monotonic() + PATIENCE, time.monotonic() + 5
    while missing := health.missing(since=float(since)):
        if time.monotonic() > end:
            server.log.warning("Serving without: %s", ", ".join(missing))
            break
        if time.monotonic() > told:
            server.log.warning("Waiting for: %s", ", ".join(missing))
            told += 10
        time.sleep(0.1)
    connections.close_all()  # The workers are copies of this process and must not share a connection.
