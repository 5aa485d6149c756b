"""What is read by machines: robots.txt, the site map, and the logo that an administrator chose."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import EmptyPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.xmlutils import SimplerXMLGenerator
from django.views import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.access import visible
from centers.models import Center
from exchanges.models import Offer
from members.models import Institution, Person
from news.models import NewsItem
from projects.models import Project
from proposals.models import Call
from vocabularies.models import Theme

SITEMAP_PAGE = 20_000  # The protocol allows 50,000 addresses in a file.
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
SITEMAPS = {
    "members": lambda user: Institution.objects.visible_to(user).active(),
    "centers": lambda user: Center.objects.visible_to(user),
    "projects": lambda user: Project.objects.visible_to(user),
    "exchanges": lambda user: Offer.objects.visible_to(user).published(),
    "calls": lambda user: Call.objects.visible_to(user).published(),
    "people": lambda user: Person.objects.visible_to(user).public(),
    "news": lambda user: NewsItem.objects.visible_to(user).current(),
    "themes": lambda user: visible(Theme.objects.all(), user),
}


@require_safe
@cache_control(public=True, max_age=86400)
def robots(request: HttpRequest) -> HttpResponse:
    closed = ("/desk/", "/accounts/", "/admin/", "/search/", "/report/", "/notifications/", "/welcome/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines.append(f"Sitemap: {settings.PORTAL_BASE_URL}{reverse('anso_portal:sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Names the site maps of the kinds of records, each in pages."""
    addresses = []
    for name, rows in SITEMAPS.items():
        for page in Paginator(rows(request.user).order_by("pk"), SITEMAP_PAGE).page_range:
            addresses.append(reverse("anso_portal:sitemap_of", args=[name, page]))
    return xml("sitemapindex", "sitemap", addresses)


@require_safe
def sitemap_of(request: HttpRequest, name: str, page: int) -> HttpResponse:
    if name not in SITEMAPS:
        raise Http404
    rows = SITEMAPS[name](request.user).order_by("pk").values_list("slug", flat=True)
    try:
        slugs = Paginator(rows, SITEMAP_PAGE).page(page)
    except EmptyPage:
        raise Http404 from None
    return xml("urlset", "url", [f"/{name}/{slug}/" for slug in slugs])


def xml(root: str, item: str, addresses: list[str]) -> HttpResponse:
    response = HttpResponse(content_type="application/xml; charset=utf-8")
    writer = SimplerXMLGenerator(response, "utf-8")
    writer.startDocument()
    writer.startElement(root, {"xmlns": NAMESPACE})
    for address in addresses:
        writer.startElement(item, {})
        writer.addQuickElement("loc", f"{settings.PORTAL_BASE_URL}{address}")
        writer.endElement(item)
    writer.endElement(root)
    writer.endDocument()
    return response


@require_safe
@cache_control(public=True, max_age=86400)
def logo(request: HttpRequest, name: str) -> HttpResponseBase:
    """The one folder of uploads that everyone may read; a change of the logo is a new name."""
    if not name.lower().endswith(PICTURES):
        raise Http404
    return static.serve(request, name, document_root=Path(settings.MEDIA_ROOT) / "branding")
