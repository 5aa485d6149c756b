"""A cache that may be away: what cannot be read counts as a miss, what cannot be written is forgotten.

Pages then cost a little more, and none fails. The portal's truth is in PostgreSQL.
"""

import logging
from contextlib import contextmanager

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@contextmanager
def forgiven(what: str):
    try:
        yield
    except (RedisError, OSError) as problem:
        logger.warning("The cache is away (%s): %s", what, problem)


class ForgivingRedisCache(RedisCache):
    def add(self, *args, **kwargs):
        with forgiven("add"):
            return super().add(*args, **kwargs)
        return False

    def get(self, key, default=None, version=None):
        with forgiven("get"):
            return super().get(key, default, version)
        return default

    def set(self, *args, **kwargs):
        with forgiven("set"):
            super().set(*args, **kwargs)

    def touch(self, *args, **kwargs):
        with forgiven("touch"):
            return super().touch(*args, **kwargs)
        return False

    def delete(self, *args, **kwargs):
        with forgiven("delete"):
            return super().delete(*args, **kwargs)
        return False

    def get_many(self, *args, **kwargs):
        with forgiven("get_many"):
            return super().get_many(*args, **kwargs)
        return {}

    def has_key(self, *args, **kwargs):
        with forgiven("has_key"):
            return super().has_key(*args, **kwargs)
        return False

    def incr(self, key, delta=1, version=None):
        """Counts from nothing where the cache is away, so that a limit lets people in rather than out."""
        with forgiven("incr"):
            return super().incr(key, delta, version)
        return delta

    def set_many(self, data, *args, **kwargs):
        with forgiven("set_many"):
            return super().set_many(data, *args, **kwargs)
        return list(data)

    def delete_many(self, *args, **kwargs):
        with forgiven("delete_many"):
            super().delete_many(*args, **kwargs)

    def clear(self):
        with forgiven("clear"):
            return super().clear()
        return False
