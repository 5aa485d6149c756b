"""The announcement on real parts: real commits, a real Celery worker on a real broker, the real relay, and kill -9."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from aiosmtpd.controller import Controller
from celery import current_app
from django.db import connection, connections
from django.db.models import Sum
from django.db.models.functions import Now

from exchanges.actions.offers import open_offer
from notifications import wake
from notifications.models import Delivery, Follow, Heartbeat, Notification, Subscriber
from tests.application_role import ROLES
from tests.factories import OfferFactory, UserFactory
from tests.notifications.conftest import parse
from workflow.actions import WrongState
from workflow.models import Step

ROOT = Path(__file__).resolve().parents[2]
FOLLOWERS = 100
WRITTEN = ["accounts_user", "members_institution", "exchanges_offer", "notifications_event", "notifications_delivery"]
WRITTEN += ["notifications_subscriber", "notifications_heartbeat", "workflow_step"]

pytestmark = pytest.mark.time_limit(300)


@pytest.fixture
def transactional_db(django_db_setup, django_db_blocker, settings):
    """Commits, so that other processes see it, and takes away what it wrote. Pytest-django's would empty every table,
    the countries that a migration loads among them.
    """
    wake.breaker.reset()
    broker = redis.Redis.from_url(settings.REDIS_URL)
    broker.delete("celery")
    with django_db_blocker.unblock():
        yield
        with ROLES.as_owner(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(WRITTEN)} CASCADE")
    broker.delete("celery")


@pytest.fixture
def start(transactional_db, tmp_path):
    """start("relay", EMAIL_URL=…) runs manage.py relay, start("worker") a Celery worker, in groups of their own."""
    running = []
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    if ROLES.application:
        address = address._replace(netloc=address.netloc.replace(ROLES.owner, ROLES.application, 1))
    shared = {
        **os.environ,
        "DATABASE_URL": address.geturl().replace("postgresql:/", "postgresql:///", 1)
        if not address.netloc
        else address.geturl(),
        "ANSO_STATE_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    commands = {
        "worker": [*[sys.executable, "-m", "celery", "-A", "anso_portal", "worker"], *["-c", "2", "-l", "WARNING"]],
        "relay": [sys.executable, "manage.py", "relay"],
    }

    def run(name: str, **environment) -> subprocess.Popen:
        log = (tmp_path / f"{name}-{len(running)}.log").open("wb")
        process = subprocess.Popen(
            commands[name],
            cwd=ROOT,
            env={**shared, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        kill(process)
    for log in sorted(tmp_path.glob("*.log")):
        print(log.name, log.read_text(errors="replace"))  # pytest shows it where the test failed


def kill(process: subprocess.Popen) -> None:
    """kill -9 of the process and its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_for(what, *processes: subprocess.Popen) -> None:
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end, "It took too long."
        assert all(process.poll() is None for process in processes), "A process ended by itself."
        time.sleep(0.05)


def wait_for_worker(worker: subprocess.Popen) -> None:
    current_app.send_task("notifications.beat")
    wait_for(lambda: Heartbeat.objects.filter(name="worker").exists(), worker)


def follow_pakistan(number: int = FOLLOWERS) -> list[str]:
    """As the pages do it, only faster."""
    users = UserFactory.create_batch(number)
    Follow.objects.bulk_create(
        Follow(subscriber=subscriber, topic="country:PK", label="Pakistan", address="/countries/PK/")
        for subscriber in Subscriber.objects.of_users(users)
    )
    return sorted(user.email for user in users)


def announce_offer() -> None:
    open_offer(offer=OfferFactory(), by=UserFactory(roles=["officer"]))


def other_sessions() -> set[int]:
    """PostgreSQL may go on with the last statement of a client that is dead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return {row[0] for row in cursor.fetchall()}


def all_sent() -> bool:
    return not Delivery.objects.exclude(state="sent").exists()


def recipients(folder: Path) -> list[str]:
    return sorted(parse(path.read_bytes())["To"] for path in folder.glob("mail/*.eml"))


def assert_each_told_once(readers: list[str], tmp_path: Path) -> None:
    assert sorted(Notification.objects.values_list("subscriber__user__email", flat=True)) == readers
    assert set(Delivery.objects.values_list("attempts", "crashes", "uncertain")) == {(1, 0, 0)}
    assert recipients(tmp_path) == readers


def test_offer_reaches_100_of_100_followers_once_with_the_worker_running(start, tmp_path):
    readers = follow_pakistan()
    wait_for_worker(start("worker"))

    announce_offer()

    assert Delivery.objects.count() == Notification.objects.count() == FOLLOWERS
    wait_for(all_sent)
    assert_each_told_once(readers, tmp_path)


def test_offer_reaches_100_of_100_followers_once_after_the_worker_came_back(start, tmp_path):
    readers = follow_pakistan()
    worker = start("worker")
    wait_for_worker(worker)
    kill(worker)

    announce_offer()

    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}
    wait_for(all_sent, start("worker"))
    assert_each_told_once(readers, tmp_path)


def test_message_lost_with_the_broker_is_made_up_for_by_the_next_beat(start, tmp_path, settings):
    readers = follow_pakistan()
    announce_offer()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    wait_for_worker(start("worker"))
    assert set(Delivery.objects.values_list("state", flat=True)) == {"pending"}

    current_app.send_task("notifications.drain")  # what beat sends every 30 seconds

    wait_for(all_sent)
    assert_each_told_once(readers, tmp_path)


def test_relay_delivers_without_a_broker_and_ends_cleanly(start, tmp_path, monkeypatch):
    readers = follow_pakistan()
    for name in ["broker_write_url", "broker_url"]:  # in this order: the first falls back on the second
        monkeypatch.setattr(current_app.conf, name, "redis+socket:///nowhere.sock?virtual_host=0")
    began = time.monotonic()
    announce_offer()
    assert time.monotonic() - began < 2

    relay = start("relay", REDIS_URL="unix:///nowhere.sock?db=0")

    wait_for(all_sent, relay)
    assert_each_told_once(readers, tmp_path)
    assert Heartbeat.objects.filter(name="relay").exists()
    os.kill(relay.pid, signal.SIGTERM)
    assert relay.wait(10) == 0


def test_two_relays_and_a_worker_send_each_mail_once(start, tmp_path):
    readers = follow_pakistan()
    relays = [start("relay"), start("relay")]
    wait_for_worker(start("worker"))
    wait_for(lambda: Heartbeat.objects.filter(name="relay").exists(), *relays)

    for _ in range(3):
        announce_offer()
        for _ in range(4):
            current_app.send_task("notifications.drain")

    wait_for(all_sent)
    assert Counter(recipients(tmp_path)) == dict.fromkeys(readers, 3)


class SlowSink:
    """A mail server that takes its time, and remembers what it took before it says so."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(0.03)
        self.taken.append(parse(envelope.content))
        return "250 queued"


@pytest.fixture
def slow_sink():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = SlowSink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    sink.url = f"smtp://127.0.0.1:{port}"
    yield sink
    controller.stop()


def test_worker_killed_midway_loses_nothing_and_counts_what_may_be_double(start, slow_sink):
    readers, strangers = follow_pakistan(), other_sessions()
    worker = start("worker", EMAIL_URL=slow_sink.url)
    wait_for_worker(worker)
    announce_offer()
    for share in (10, 40):
        wait_for(lambda share=share: len(slow_sink.taken) >= share, worker)
        kill(worker)
        wait_for(lambda: other_sessions() <= strangers)
        assert not all_sent()
        Delivery.objects.filter(state="leased").update(lease_until=Now())  # minutes pass
        worker = start("worker", EMAIL_URL=slow_sink.url)
        current_app.send_task("notifications.drain")

    wait_for(all_sent, worker)

    times = Counter(message["To"] for message in slow_sink.taken)
    assert sorted(times) == readers
    double = sum(times.values()) - len(readers)
    assert double <= Delivery.objects.aggregate(n=Sum("uncertain"))["n"] <= 4  # two processes, killed twice
    assert len({message["Message-ID"] for message in slow_sink.taken}) == len(readers)


def test_two_clicks_at_once_are_one_move(transactional_db):
    offer, officer = OfferFactory(), UserFactory(roles=["officer"])
    outcomes = []
    together = threading.Barrier(2)

    def click():
        together.wait()
        try:
            open_offer(offer=type(offer).objects.get(pk=offer.pk), by=officer)
            outcomes.append("opened")
        except WrongState:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(outcomes) == ["opened", "refused"]
    assert Step.objects.count() == 1
