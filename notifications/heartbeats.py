"""Who lives: the worker, beat and the relay say so here, and `/readyz` reads it."""

from django.db.models.functions import Now

from notifications.models import Heartbeat

WORKER, BEAT, RELAY = "worker", "beat", "relay"


def show_life(*names: str) -> None:
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, seen_at=Now()) for name in names],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at"],
    )
