"""The message to the worker is worth nothing, so it must cost nothing either."""

import socket
import time

import pytest
import redis
from celery import current_app
from django.db import transaction

from exchanges.actions.offers import open_offer
from notifications import wake
from notifications.actions import post_mail
from notifications.models import Delivery
from notifications.sender import drain


@pytest.fixture(autouse=True)
def closed_breaker():
    wake.breaker.reset()
    yield
    wake.breaker.reset()


@pytest.fixture
def broker(settings):
    """The queue that a worker would read, empty before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete("celery")
    yield client
    client.delete("celery")


@pytest.fixture
def broker_at(monkeypatch):
    """broker_at("redis://…") is where messages go, in this test."""

    def use(address):
        # In this order: what is not set follows broker_url, and would be put back as it was changed.
        monkeypatch.setattr(current_app.conf, "broker_write_url", address)
        monkeypatch.setattr(current_app.conf, "broker_url", address)

    return use


@pytest.fixture
def silent_port():
    """A server that accepts and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_commit_puts_one_message_without_content(broker, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        for number in range(3):
            post_mail(address=f"reader{number}@example.org", purpose="test")

    assert len(callbacks) == 1
    assert broker.llen("celery") == 1
    assert b"notifications.drain" in broker.lindex("celery", 0)
    assert b"reader" not in broker.lindex("celery", 0)


def test_rollback_wakes_nobody(broker, db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        post_mail(address="reader@example.org", purpose="test")
        transaction.set_rollback(True)

    assert broker.llen("celery") == 0
    assert not Delivery.objects.exists()


def test_broker_that_is_away_is_asked_once_and_not_again_for_ten_seconds(broker_at):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        broker_at(f"redis://127.0.0.1:{probe.getsockname()[1]}/0")
    start = time.monotonic()
    wake.wake_sender()
    first = time.monotonic() - start

    start = time.monotonic()
    for _ in range(100):
        wake.wake_sender()
    further = time.monotonic() - start

    assert first < 2
    assert further < 0.05
    assert not wake.breaker.lets_pass()


def test_broker_socket_that_is_gone_raises_nothing(broker_at):
    broker_at("redis+socket:///nowhere/at/all.sock?virtual_host=0")
    start = time.monotonic()

    wake.wake_sender()

    assert time.monotonic() - start < 2
    assert not wake.breaker.lets_pass()


def test_broker_that_never_answers_does_not_hold_the_request(broker_at, silent_port):
    broker_at(f"redis://127.0.0.1:{silent_port}/0")
    start = time.monotonic()

    wake.wake_sender()

    assert time.monotonic() - start < 3
    assert not wake.breaker.lets_pass()


@pytest.mark.django_db
def test_announcing_goes_on_without_the_broker(
    broker_at, offer, officer, follower, read_mails, django_capture_on_commit_callbacks
):
    broker_at("redis+socket:///nowhere/at/all.sock?virtual_host=0")
    reader = follower("country:PK")
    start = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        open_offer(offer=offer, by=officer)

    assert time.monotonic() - start < 2
    drain()  # what the relay does
    assert [message["To"] for message in read_mails()] == [reader.email]
