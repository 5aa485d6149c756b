"""A cache that is gone, or hangs, costs neither an error nor time."""

import socket
import time

import pytest

from anso_portal.cache import PATIENCE, ForgivingRedisCache


@pytest.fixture(autouse=True)
def closed_breaker():
    ForgivingRedisCache.breaker.reset()
    yield
    ForgivingRedisCache.breaker.reset()


@pytest.fixture(params=["gone", "silent"])
def away(request):
    """A cache whose server does not exist, or accepts and never answers."""
    if request.param == "gone":
        yield ForgivingRedisCache("unix:///nowhere/at/all.sock?db=0", {})
        return
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        quick = {"OPTIONS": {"socket_timeout": 0.05}}
        yield ForgivingRedisCache(f"redis://127.0.0.1:{server.getsockname()[1]}/0", quick)


CALLS = [
    ("get", ("k",), None),
    ("get", ("k", "default"), "default"),
    ("get_many", (["k"],), {}),
    ("set", ("k", 1), None),
    ("set_many", ({"k": 1},), ["k"]),
    ("add", ("k", 1), True),
    ("touch", ("k",), False),
    ("delete", ("k",), False),
    ("delete_many", (["k"],), None),
    ("has_key", ("k",), False),
    ("incr", ("k", 3), 3),
    ("decr", ("k",), -1),
    ("get_or_set", ("k", 5), 5),
    ("clear", (), False),
]


def test_every_call_answers_as_if_nothing_were_kept(away):
    answers = []
    for name, args, _expected in CALLS:
        ForgivingRedisCache.breaker.reset()
        answers.append(getattr(away, name)(*args))

    assert answers == [expected for _name, _args, expected in CALLS]


def test_cache_that_is_away_is_not_waited_for_twice(away):
    start = time.monotonic()
    for _ in range(200):
        assert away.get("k", "default") == "default"

    assert time.monotonic() - start < 0.5
    assert ForgivingRedisCache("redis://127.0.0.1:1/0", {})._options["socket_timeout"] == PATIENCE <= 0.5


def test_cache_that_is_there_keeps(settings):
    cache = ForgivingRedisCache(settings.REDIS_URL, {"KEY_PREFIX": "test-cache"})

    cache.set("k", 1)

    assert (cache.get("k"), cache.incr("k"), cache.has_key("k"), cache.delete("k")) == (1, 2, True, True)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("k")
