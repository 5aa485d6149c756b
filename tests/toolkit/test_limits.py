"""Counting what somebody does too often."""

import pytest
from django.core.cache import cache

from anso_portal.cache import ForgivingRedisCache
from toolkit.limits import too_often


@pytest.fixture(autouse=True)
def empty_cache():
    ForgivingRedisCache.breaker.reset()
    cache.clear()
    yield
    ForgivingRedisCache.breaker.reset()


def ask(key, times=1):
    return [too_often(key, limit=2, seconds=60) for _ in range(times)]


def test_what_is_beyond_the_limit_is_too_often():
    assert ask("write:1", 4) == [False, False, True, True]


def test_others_are_counted_apart():
    ask("write:1", 3)

    assert ask("write:2") == [False]
    assert ask("read:1") == [False]


def test_count_begins_anew_after_its_time():
    too_often("write:1", limit=0, seconds=60)

    (name,) = cache._cache.get_client().keys("*limit-*")
    assert 0 < cache._cache.get_client().ttl(name) <= 60
    cache._cache.get_client().delete(name)

    assert ask("write:1") == [False]


def test_nobody_is_kept_out_while_the_cache_is_away():
    ForgivingRedisCache.breaker.trip()

    assert ask("write:1", 5) == [False] * 5


def test_key_may_be_anything():
    assert ask("write:\ud800 \x00 " + "x" * 10_000, 3) == [False, False, True]
