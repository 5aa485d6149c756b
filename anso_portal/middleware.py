"""Small duties on each request: methods, the reader's language and time zone, and the second factor."""

import zoneinfo

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseNotAllowed
from django.utils import timezone, translation

from accounts.models import User
from anso_portal.models import SampleRecord

METHODS = ("GET", "HEAD", "POST")


class MethodsMiddleware:
    """Pages take these three methods and no page another one; the admin and generic views would treat PUT as GET or POST."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)


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
        return self.get_response(request)


class SecondFactorMiddleware:
    """Whoever signs in needs a second factor for the roles in the alliance. `User.second_factor_missing` asks, where it matters."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.user.waives_second_factor = is_sample_sign_in
        return self.get_response(request)


def is_sample_sign_in(user: User) -> bool:
    """The passwords of the sample stand in a file, for looking around on the servers of bin/up."""
    sample = SampleRecord.objects.filter(label=User._meta.label_lower, key=str(user.pk))
    return settings.EMBEDDED_SERVERS and sample.exists()


class VisitorMiddleware:
    """Whoever has not signed in is sent to do so. allauth would keep what they have sent in a session, whatever its size."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, ReauthenticationRequired) and request.user.is_anonymous:
            return redirect_to_login(request.get_full_path())
        return None


class InvalidFormMiddleware:
    """A form that was refused is 422 everywhere; allauth's views would say 200."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_template_response(self, request, response):
        form = (response.context_data or {}).get("form")
        if request.method == "POST" and response.status_code == 200 and getattr(form, "errors", None):
            response.status_code = 422
        return response
