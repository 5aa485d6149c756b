"""Whether the process answers (/healthz) and whether all it needs is there (/readyz), for people, proxies and `status`."""

import time
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.models import Delivery, Heartbeat

LONGEST_SILENCE = 45.0  # Seconds; beat ticks every 10 and the relay looks every 15.
LONGEST_WAIT = 120.0  # Seconds that a due mail may lie.
PROCESSES = ("worker", "beat", "relay")
SILENT = {"ok": False, "problem": "does not answer"}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    facts = report()
    ok = all(fact["ok"] for fact in facts.values())
    response = JsonResponse({"ok": ok, **facts}, status=200 if ok else 503)
    if not ok:
        response["Retry-After"] = "5"
        response._has_been_logged = True  # type: ignore[attr-defined]  # Who asks every few seconds would fill the log.
    return response


def report() -> dict[str, dict]:
    """Every part and whether it is well. Never raises for a part that is away, and says nothing that a visitor may not know."""
    facts = dict.fromkeys(("database", "redis", "migrations", *PROCESSES, "oldest_due_mail"), SILENT)
    facts["redis"] = _redis()
    try:
        connection.ensure_connection()
        facts["database"] = {"ok": True}
        facts["migrations"] = _migrations()
        facts |= _heartbeats()
        facts["oldest_due_mail"] = _oldest_due_mail()
    except DatabaseError:
        if not connection.in_atomic_block:
            connection.close()
    return facts


def missing(*, since: float = 0.0) -> list[str]:
    """The parts that are not well; with a moment, also the processes that have not shown themselves since."""
    longest = time.time() - since
    facts = report()
    return [name for name, fact in facts.items() if not fact["ok"] or (name in PROCESSES and fact["age"] > longest)]


def _redis() -> dict:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError):
        return SILENT
    return {"ok": True}


def _migrations() -> dict:
    pending = len(_migrations_in_the_code() - set(MigrationRecorder(connection).applied_migrations()))
    return {"ok": not pending, "pending": pending}


@cache
def _migrations_in_the_code() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def _heartbeats() -> dict[str, dict]:
    seen = {row.name: row.age.total_seconds() for row in Heartbeat.objects.annotate(age=Now() - F("seen_at"))}
    return {name: _age(seen.get(name), LONGEST_SILENCE) for name in PROCESSES}


def _oldest_due_mail() -> dict:
    waiting = Delivery.objects.due().aggregate(age=Now() - Min("next_at"))["age"]
    return _age(waiting.total_seconds() if waiting else 0.0, LONGEST_WAIT)


def _age(seconds: float | None, limit: float) -> dict:
    if seconds is None:
        return {"ok": False, "problem": "never seen", "age": None}
    return {"ok": seconds <= limit, "age": round(seconds, 1)}
