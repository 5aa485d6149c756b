"""What most portals do: one Celery task for each mail, with a connection of its own. Only to be measured against."""

import os
import smtplib

import django
from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.fault_settings")
django.setup()

from django.db.models.functions import Now  # noqa: E402

from notifications.emails import as_bytes, write  # noqa: E402
from notifications.models import Delivery  # noqa: E402

app = Celery("naive", broker=settings.CELERY_BROKER_URL)
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task
def send(key: int) -> None:
    row = Delivery.objects.select_related("subscriber__user").get(pk=key)
    message = as_bytes(row, write(row))
    with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT) as server:
        server.sendmail(settings.DEFAULT_FROM_EMAIL, [row.address], message)
    Delivery.objects.filter(pk=key).update(state="sent", sent_at=Now())
