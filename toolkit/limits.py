"""How often somebody may do something, counted in the cache. While the cache is away nobody is kept out."""

import hashlib

from django.core.cache import cache


def too_often(key: str, *, limit: int, seconds: int) -> bool:
    """Counts this time, and says whether it is one too many; the count begins anew `seconds` after its first time.

    The key names the act and whom it is counted for, as in `report:192.0.2.7`; the cache sees only its digest.
    """
    name = "limit-" + hashlib.sha256(key.encode(errors="replace")).hexdigest()[:32]
    cache.add(name, 0, seconds)
    try:
        return cache.incr(name) > limit
    except ValueError:  # It ran out between the two.
        return False
