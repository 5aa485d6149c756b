"""What a person did is in no log and not in Redis either, so that nothing need be erased there."""

import io
import logging

import pytest
import redis
from django.conf import settings
from django.core.cache import cache

from anso_portal.closing import erase_account
from notifications.wake import wake_sender
from tests.anso_portal.test_personal_data import MARKS, found, marked  # noqa: F401 (a fixture)
from toolkit.logs import JsonFormatter, TextFormatter

pytestmark = pytest.mark.django_db


@pytest.fixture
def logs():
    """Both forms of the log, with all that the portal would write at the level that it comes with."""
    root, before, handlers = logging.getLogger(), logging.getLogger().level, []
    for formatter in (JsonFormatter(), TextFormatter()):
        handler = logging.StreamHandler(io.StringIO())
        handler.setFormatter(formatter)
        root.addHandler(handler)
        handlers.append(handler)
    root.setLevel(logging.INFO)
    yield lambda: {str(number): handler.stream.getvalue() for number, handler in enumerate(handlers)}
    root.setLevel(before)
    for handler in handlers:
        root.removeHandler(handler)


def redis_texts() -> dict[str, str]:
    """All keys and values, as text: the cache with its limits, and what waits for the workers."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    read = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": server.smembers,
        b"hash": server.hgetall,
        b"zset": lambda key: server.zrange(key, 0, -1),
    }
    keys = [key for key in server.scan_iter(count=1000) if not short_lived_limit(server, key)]
    return {repr(key): f"{key!r} {read[server.type(key)](key)!r}" for key in keys}


def short_lived_limit(server, key: bytes) -> bool:
    """allauth counts tries by network address, for minutes: when the last was, and nothing else."""
    return b":allauth:rl:" in key and 0 < server.ttl(key) <= 3600


def test_log_tells_what_a_person_did_without_naming_anybody(logs, marked):  # noqa: F811
    erase_account(user=marked, by=marked)

    assert all("Sign-in failed" in text for text in logs().values())  # else nothing would have been written
    assert found(logs()) == {}


def test_redis_counts_what_a_person_did_without_naming_anybody(marked):  # noqa: F811
    cache.set("test:planted", MARKS["biography"])
    assert found(redis_texts()) != {}  # it would be seen
    cache.delete("test:planted")

    wake_sender()

    assert redis_texts()
    assert found(redis_texts()) == {}
