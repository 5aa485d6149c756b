"""Woken by a message without content; each is harmless twice, and harmless lost."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from notifications.bounces import read_folder
from notifications.heartbeats import BEAT, WORKER, show_life
from notifications.models import Delivery
from notifications.sender import drain as drain_outbox
from notifications.wake import wake_sender


@shared_task(name="notifications.drain")
def drain() -> None:
    show_life(WORKER)
    drain_outbox()
    if Delivery.objects.due().exists():
        wake_sender()  # in turn with others, instead of holding this process


@shared_task(name="notifications.beat")
def beat() -> None:
    """That this runs shows that beat asked for it and a worker did it."""
    show_life(BEAT, WORKER)


@shared_task(name="notifications.bounces")
def bounces() -> None:
    if settings.MAIL_BOUNCES:
        read_folder(Path(settings.MAIL_BOUNCES))
