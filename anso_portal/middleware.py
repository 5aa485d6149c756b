"""Two small duties on each request: the reader's language and time zone, and answers that no cache may share."""

import zoneinfo

from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers


class ReaderMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated:
            try:
                timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
            except (zoneinfo.ZoneInfoNotFoundError, ValueError):
                timezone.deactivate()
            translation.activate(user.language)
        else:
            timezone.deactivate()
            translation.activate("en")
        response = self.get_response(request)
        if user.is_authenticated:
            response["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Cookie"])
        return response
