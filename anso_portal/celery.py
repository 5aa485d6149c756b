"""The Celery application. Tasks carry no payload: rows are the truth, a message only wakes a worker."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anso_portal.settings")

app = Celery("anso_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
