"""What the portal writes into its log: one line of JSON for each event, and nothing that tells who somebody is.

People stand in it by the number of their account. Addresses of a visitor, e-mail addresses and secrets in links never do: an erased
person must not live on in a log. What a visitor made up (a path, a header) cannot break the line or colour a terminal.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.crypto import salted_hmac

request_now: ContextVar[HttpRequest | None] = ContextVar("request_now", default=None)

EMAIL = re.compile(r"[^\s<>\"'(),:;=\[\]]+@[\w-]+(\.[\w-]+)+")
NETWORK = re.compile(r"(?<![\w.])(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){4,7})(?![\w.])")
# PostgreSQL quotes rows and statements in what it complains of.
QUOTED_BY_POSTGRES = re.compile(r"(Key \(.*\)=|Failing row contains |LINE \d+: ).*")
PLAIN_SEGMENT = re.compile(r"[a-z0-9._-]{0,100}|.{0,12}")  # Slugs and short words; what is longer may be a secret.


def pseudonym(text: str) -> str:
    """The same text always gives the same letters, and nobody without the portal's key can tell which."""
    return salted_hmac("logs", text.strip().lower(), algorithm="sha256").hexdigest()[:16]


def shown_path(path: str) -> str:
    return "/".join(
        segment if PLAIN_SEGMENT.fullmatch(segment) and "@" not in segment else "…" for segment in path.split("/")
    )


def shown_address(request: HttpRequest) -> str:
    """The pattern of the address, since a path may name a person; the path only where there is no pattern."""
    match = request.resolver_match
    if match is None:  # Answered before a view was looked for.
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return shown_path(request.path)
    return f"/{match.route}"


def scrubbed(text: str) -> str:
    return NETWORK.sub("‹network›", EMAIL.sub("‹address›", QUOTED_BY_POSTGRES.sub(r"\1…", text)))


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    request = getattr(record, "request", None) or request_now.get()
    facts: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "message": scrubbed(_message(record)),
    }
    if isinstance(request, HttpRequest):
        facts |= {"request": getattr(request, "id", None), "method": request.method, "address": shown_address(request)}
        user = request.__dict__.get("_cached_user")  # Not asked for: a log must not cost a statement.
        facts["user"] = getattr(user, "pk", None)
    if status := getattr(record, "status_code", None):
        facts["status"] = status
    facts |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[0] and _is_our_fault(record):
        facts["traceback"] = scrubbed("".join(traceback.format_exception(*record.exc_info)))
    return facts


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
        path = request.path.encode("unicode_escape").decode("ascii")  # as Django writes it into its own messages
        shown = tuple(shown_address(request) if arg in (request.path, path) else arg for arg in record.args)
        try:
            return str(record.msg) % shown if shown else str(record.msg)
        except (TypeError, ValueError):
            pass
    return record.getMessage()


def _is_our_fault(record: logging.LogRecord) -> bool:
    """A refusal is no fault: it would fill the log with tracebacks for whoever asks for nonsense."""
    return getattr(record, "status_code", 500) >= 500 and not record.name.startswith("django.security")


class JsonFormatter(logging.Formatter):
    """Letters beyond ASCII are escaped, and with them all that could steer a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(facts_of(record), default=str)


class TextFormatter(logging.Formatter):
    """For a terminal: the same, to be read."""

    def format(self, record: logging.LogRecord) -> str:
        facts = facts_of(record)
        told = "".join(f" {name}={value}" for name, value in getattr(record, "facts", {}).items())
        line = f"{facts['level']} {facts['logger']}: {facts['message']}{told}"
        return "\n".join([visible(line), *map(visible, facts.get("traceback", "").splitlines())])


def visible(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )


def formatter() -> logging.Formatter:
    """As the settings say, for those who set up their loggers themselves."""
    return JsonFormatter() if settings.LOG_FORMAT == "json" else TextFormatter()
