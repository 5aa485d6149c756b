"""A cache that may be away: what cannot be read counts as a miss, what cannot be written is forgotten.

Pages then cost a little more, and none fails or waits. The portal's truth is in PostgreSQL.
"""

import functools
import logging

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from toolkit.breaker import Breaker

logger = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds; the cache is beside us, or it is away
PAUSE = 10.0


def forgiving(name: str, instead):
    """The method of RedisCache, or `instead` of its answer (a function of the arguments, or a value)."""
    method = getattr(RedisCache, name)

    @functools.wraps(method)
    def forgive(self, *args, **kwargs):
        if self.breaker.lets_pass():
            try:
                return method(self, *args, **kwargs)
            except (RedisError, OSError) as problem:
                self.breaker.trip()
                logger.warning("The cache is away (%s): %s", name, problem)
        return instead(*args, **kwargs) if callable(instead) else instead

    return forgive


class ForgivingRedisCache(RedisCache):
    # One for the process: Django makes an instance of the cache per thread.
    breaker = Breaker(PAUSE)

    def __init__(self, server, params):
        options = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})

    get = forgiving("get", lambda key, default=None, version=None: default)
    get_many = forgiving("get_many", lambda *args, **kwargs: {})
    set = forgiving("set", None)
    set_many = forgiving("set_many", lambda data, *args, **kwargs: list(data))
    add = forgiving("add", True)  # The first one to come has it: else sign-in would wait for a lock that nobody holds.
    touch = forgiving("touch", False)
    delete = forgiving("delete", False)
    delete_many = forgiving("delete_many", None)
    has_key = forgiving("has_key", False)
    # Counts from nothing, so that a limit lets people in rather than out.
    incr = forgiving("incr", lambda key, delta=1, version=None: delta)
    clear = forgiving("clear", False)
