"""Gives each request a number, which stands in every line of the log about it and in its answer."""

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from toolkit.logs import request_now

NUMBER = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestNumberMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = number_of(request)  # type: ignore[attr-defined]
        token = request_now.set(request)
        try:
            response = self.get_response(request)
        finally:
            request_now.reset(token)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


def number_of(request: HttpRequest) -> str:
    """That of our own proxy where it gives one, else a new one: a visitor must not choose it."""
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if NUMBER.fullmatch(given) else secrets.token_hex(8)
