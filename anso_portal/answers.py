"""What holds for every answer: its headers, who may keep a copy of it, and a page where Django gives none."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from anso_portal.csp import CSP, SANDBOX, build_policy
from anso_portal.views.errors import wrong_method

PAGES = ("text/html", "application/xhtml+xml")
# Nothing here uses these; a passkey is the exception.
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
HEADERS = {
    "Permissions-Policy": ", ".join([f"{name}=()" for name in UNUSED] + ["publickey-credentials-get=(self)"]),
    "Cross-Origin-Resource-Policy": "same-origin",
}
DJANGOS_OWN_PAGES = (404, 500)  # With DEBUG, Django explains these in pages that are full of inline styles.


class AnswerMiddleware:
    """Stands outermost, so that pages, files, redirects and errors alike go past it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not (settings.DEBUG and response.status_code in DJANGOS_OWN_PAGES):
            response.headers.setdefault(CSP.HEADER_ENFORCE, policy_of(response))
        if is_personal(request, response):
            response["Cache-Control"] = "private, no-store"
            patch_vary_headers(response, ["Cookie"])
        return response


def policy_of(response: HttpResponse) -> str:
    """Views ask for nothing here: an upload that one of them hands out is closed by what it is."""
    kind = response.get("Content-Type", "").partition(";")[0].strip().lower()
    return build_policy(settings.SECURE_CSP if kind in PAGES or not kind else SANDBOX)


def is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """Told by the cookies alone, so that it holds where the database is away and where no view was reached.

    What a view calls public is the same for everybody, like the logo and the files of /static/.
    """
    if response.cookies:
        return True
    known = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.MESSAGES_COOKIE_NAME)
    if not any(name in request.COOKIES for name in known):
        return False
    return "public" not in response.get("Cache-Control", "")


class WrongMethodMiddleware:
    """Django answers a wrong method with nothing; a reader gets a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return wrong_method(request, response) if response.status_code == 405 and not response.content else response
