"""What can be followed. A topic is a text such as `country:PK`; the apps that own the things say what it is called.

A resolver is called with what stands after the colon, unchecked. It answers `(label, address)` with a site-relative
address, or None unless an anonymous visitor may see the thing: followers hear of public things only.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import Model

from accounts.access import visible

Resolver = Callable[[str], tuple[str, str] | None]

_resolvers: dict[str, Resolver] = {}
_successors: dict[str, Callable[[str], str | None]] = {}


@dataclass(frozen=True)
class Topic:
    key: str
    label: str
    address: str


def register(name: str, resolver: Resolver) -> None:
    _resolvers[name] = resolver


def register_successor(name: str, successor: Callable[[str], str | None]) -> None:
    """Where a thing was taken up in another one: what stands after the colon now, or None where nothing has changed."""
    _successors[name] = successor


def current(key: str) -> str:
    """The topic as it is called now; links in mails of years ago still name what it was then."""
    name, _colon, identifier = key.partition(":")
    successor = _successors.get(name)
    now = successor(identifier) if successor else None
    return f"{name}:{now}" if now else key


def by_key(model: type[Model], field: str = "pk") -> Resolver:
    """A resolver for records whose key stands in the topic; they need `get_absolute_url`."""

    def resolve_record(identifier: str) -> tuple[str, str] | None:
        try:
            record = visible(model._default_manager.all(), AnonymousUser()).filter(**{field: identifier}).first()
        except (ValueError, ValidationError, OverflowError):
            return None
        return (str(record), record.get_absolute_url()) if record else None

    return resolve_record


def resolve(key: str) -> Topic | None:
    name, colon, identifier = key.partition(":")
    if not colon or not identifier or len(key) > 100 or "\x00" in key or name not in _resolvers:
        return None
    found = _resolvers[name](identifier)
    return Topic(key, str(found[0])[:300], str(found[1])[:300]) if found else None
