"""Every address that the portal answers, read from the resolver."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import get_resolver, reverse


class Address(NamedTuple):
    name: str  # with its namespaces, as reverse() takes it; of a route without a name, the route in brackets
    route: str
    parts: tuple[str, ...]

    def at(self, **values) -> str:
        if not self.name.endswith(")"):
            return reverse(self.name, kwargs=values)
        path = re.sub(r"<\w+:(\w+)>|\(\?P<(\w+)>.*?\)", lambda part: str(values[part[1] or part[2]]), self.route)
        return "/" + path.replace("$", "")


def addresses() -> dict[str, Address]:
    """By name. What stands behind the same route is never reached; another route of the same name is an error."""
    found: dict[str, Address] = {}
    for address in _walk(get_resolver(), ()):
        if found.setdefault(address.name, address).route != address.route:
            raise LookupError(f"Two routes are named {address.name}.")
    return found


def _walk(resolver, spaces: tuple[str, ...], prefix: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern, inner, route)
        else:
            parts = tuple(pattern.pattern.regex.groupindex)
            name = pattern.name or f"({route})"
            yield Address(":".join([*spaces, name]), route, parts)
