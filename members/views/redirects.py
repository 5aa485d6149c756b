"""An address of a record that was merged leads to the one that stayed: its page, and everything below it."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from members.models import InstitutionRedirect

_OF_AN_INSTITUTION = re.compile(r"(/members/|/desk/institution/)([-a-zA-Z0-9_]{1,100})(/.*)?", re.DOTALL)


class FormerAddressMiddleware:
    """Asks only where nothing else was found."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        found = _OF_AN_INSTITUTION.fullmatch(request.path_info)
        if not found:
            return response
        before, slug, rest = found.groups(default="/")
        redirect = InstitutionRedirect.objects.filter(slug=slug).select_related("institution").first()
        if redirect is None:
            return response
        query = request.META.get("QUERY_STRING", "")
        answer = HttpResponsePermanentRedirect(
            before + redirect.institution.slug + rest + (f"?{query}" if query else "")
        )
        answer["Cache-Control"] = "no-cache"  # A merge can be taken back, and then a browser must not remember this.
        return answer
