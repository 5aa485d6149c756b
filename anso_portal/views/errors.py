"""Pages for what went wrong. An outage of the database or of Redis is 503, shown without asking either."""

import sys

from django.core.exceptions import BadRequest, DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

OUTAGES = (OperationalError, InterfaceError, RedisConnectionError, RedisTimeoutError)
RETRY_AFTER = "15"  # seconds: about what a restart of the database takes


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The reason is shown where we wrote it ourselves; what else is suspicious is told nothing."""
    if isinstance(exception, DisallowedHost):
        return HttpResponse(
            "This host name is not served here.\n", status=400, content_type="text/plain; charset=utf-8"
        )
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"reason": reason}, status=400)


def wrong_method(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """Puts a page into the refusal, which keeps what it says for machines."""
    refusal.content = render_to_string("405.html", request=request)
    refusal["Content-Type"] = "text/html; charset=utf-8"
    return refusal


def server_error(request: HttpRequest) -> HttpResponse:
    """Also where an outage ends up, whether a view, a template or a middleware met it."""
    if is_outage(sys.exc_info()[1]):
        return unavailable(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(render_to_string("503.html", {"request": request}), status=503)
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


def is_outage(problem: BaseException | None) -> bool:
    while problem is not None:
        if isinstance(problem, OUTAGES):
            return True
        problem = problem.__cause__ or problem.__context__
    return False
