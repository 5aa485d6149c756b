import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.urls import reverse

from anso_portal import health
from notifications.models import Delivery, Heartbeat

PARTS = ["database", "redis", "migrations", "worker", "beat", "relay", "oldest_due_mail"]


@pytest.fixture
def alive(db):
    Heartbeat.objects.bulk_create([Heartbeat(name=name, seen_at=Now()) for name in health.PROCESSES])


def mail(**fields):
    return Delivery.objects.create(address="a@example.org", purpose="test", idem="1", message_id="<1@x>", **fields)


def test_healthz_asks_nobody(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


def test_readyz_is_well_when_all_is(client, alive):
    response = client.get(reverse("readyz"))

    assert response.status_code == 200
    assert list(response.json()) == ["ok", *PARTS]
    assert all(response.json()[part]["ok"] for part in PARTS)


@pytest.mark.parametrize("name", health.PROCESSES)
def test_readyz_tells_of_a_silent_process(client, alive, name):
    Heartbeat.objects.filter(name=name).update(seen_at=Now() - timedelta(minutes=1))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert [part for part in PARTS if not response.json()[part]["ok"]] == [name]
    assert response.json()[name]["age"] == pytest.approx(60, abs=2)


def test_readyz_tells_of_a_process_never_seen(client, db):
    facts = client.get("/readyz").json()

    assert facts["worker"] == {"ok": False, "problem": "never seen", "age": None}


def test_readyz_tells_of_mail_that_lies(client, alive):
    waiting = mail(next_at=Now() - timedelta(seconds=60))
    assert client.get("/readyz").status_code == 200

    Delivery.objects.filter(pk=waiting.pk).update(next_at=Now() - timedelta(seconds=300))
    facts = client.get("/readyz").json()
    assert not facts["oldest_due_mail"]["ok"]
    assert facts["oldest_due_mail"]["age"] == pytest.approx(300, abs=2)

    Delivery.objects.filter(pk=waiting.pk).update(state=Delivery.State.HELD)
    assert client.get("/readyz").json()["oldest_due_mail"] == {"ok": True, "age": 0.0}


def test_readyz_tells_of_pending_migrations(client, alive, monkeypatch):
    monkeypatch.setattr(health, "_migrations_in_the_code", lambda: frozenset({("accounts", "9999_later")}))

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["migrations"] == {"ok": False, "pending": 1}


def test_readyz_tells_of_redis_away(client, alive, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock?db=0"

    response = client.get("/readyz")

    assert response.status_code == 503
    assert [part for part in PARTS if not response.json()[part]["ok"]] == ["redis"]


def test_readyz_tells_of_a_database_away_without_its_address(client, db, monkeypatch):
    def away():
        raise OperationalError('connection to server at "10.0.0.1", port 5432 failed: password secret')

    with monkeypatch.context() as patch:
        patch.setattr(connection, "ensure_connection", away)
        response = client.get("/readyz")

    assert response.status_code == 503
    facts = response.json()
    assert [part for part in PARTS if facts[part]["ok"]] == ["redis"]
    assert "10.0.0.1" not in response.content.decode()


def test_missing_counts_only_who_was_seen_since(alive):
    assert health.missing() == []
    assert health.missing(since=time.time() - 60) == []
    assert health.missing(since=time.time() + 60) == list(health.PROCESSES)
