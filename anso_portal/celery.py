"""The Celery application. Tasks carry no payload: rows are the truth, a message only wakes a worker."""

import contextlib
import os

import celery
from celery.signals import beat_init, setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anso_portal.settings")


class Task(celery.Task):
    """Tells the history which task wrote."""

    def __call__(self, *args, **kwargs):
        from toolkit.history import context

        with context(source=self.name):
            return self.run(*args, **kwargs)


app = celery.Celery("anso_portal", task_cls=Task)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def show_life_at_once(**kwargs) -> None:
    """Beat's first tick comes after a whole interval; /readyz should not have to wait for it."""
    app.send_task("notifications.beat", expires=30)


@worker_process_init.connect
def yield_to_pages(**kwargs) -> None:
    """Ten thousand mails can wait a little; whoever has asked for a page does not."""
    with contextlib.suppress(OSError):
        os.nice(10)


@setup_logging.connect
def keep_our_log(**kwargs) -> None:
    """Whoever listens here keeps Celery from setting up a log of its own: its processes write as all others do."""
