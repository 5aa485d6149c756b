"""Every page type, as a visitor meets it: accessible, whole on a phone, in the dark, right to left, and light on the wire."""

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

from tests.browser.conftest import keep_screenshot

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],  # what is right need not be told node by node
}

# Each page type: its address, or the list whose first record it is.
PAGES = {
    "home": "/",
    "members": "/members/",
    "partners": "/members/?status=partner",
    "member": "/members/chinese-academy-of-sciences/",
    "centers": "/centers/",
    "center": ("/centers/", "/centers/"),
    "projects": "/projects/",
    "project": ("/projects/", "/projects/"),
    "exchanges": "/exchanges/",
    "calls": "/calls/",
    "call": ("/calls/", "/calls/"),
    "offer": ("/exchanges/", "/exchanges/"),
    "theme": "/themes/climate-change/",
    "country": "/countries/PK/",
    "search": "/search/?q=academy",
    "search-empty": "/search/",
    "search-nothing": "/search/?q=zzzzqqqq",
    "list-nothing": "/projects/?q=zzzzqqqq",
    "report": "/report/?about=/members/chinese-academy-of-sciences/",
    "about": "/about/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "not-found": "/members/there-is-no-such-institution/",
    "bad-request": "/projects/?page=first",
    "sign-in": "/accounts/login/",
    "password-reset": "/accounts/password/reset/",
    "sign-up": "/accounts/signup/",
    "sign-in-by-code": "/accounts/login/code/",
}
SIGNED_IN_PAGES = {
    "inbox": "/desk/inbox/",
    "preferences": "/desk/notifications/",
    "sign-out": "/accounts/logout/",
    "account-settings": "/accounts/settings/",
    "account-email": "/accounts/email/",
    "account-password": "/accounts/password/change/",
    "account-second-factor": "/accounts/2fa/",
    "account-sessions": "/accounts/sessions/",
}
# Pages that the rest of the list stands for: two of the four pairs each.
MORE_PAGES = {
    "people": (None, "/people/"),
    "apply": (None, "/members/apply/"),
    "apply-form": (None, "/members/apply/form/"),
    "person": (None, ("/people/", "/people/")),
    "news": (None, "/news/"),
    "news-desk": ("focal_point", "/desk/news/"),
    "news-begin": ("focal_point", "/desk/news/new/"),
    "search-follow": (None, "/searches/projects/?country=PK"),
    "follow": (None, "/notifications/follow/?topic=country:PK"),
    "outbox": ("officer", "/desk/outbox/"),
    "endpoints": ("focal_point", "/desk/institution/jomo-kenyatta-university-of-agriculture-and-technology/endpoints/"),
    "endpoints-waiting": ("administrator", "/desk/endpoints/"),
    "texts": ("officer", "/desk/notifications/texts/"),
    "text": ("officer", "/desk/notifications/texts/offer.opened/"),
    "offers": ("focal_point", "/desk/exchanges/offers/"),
    "offer-begin": ("focal_point", "/desk/exchanges/offers/new/"),
    "mobility": ("officer", "/desk/exchanges/mobility/"),
    "desk": ("scientist", "/desk/"),
    "profile": ("scientist", "/desk/profile/"),
    "messages": ("scientist", "/desk/messages/"),
    "institution-desk": ("focal_point", "/desk/institution/"),
    "proposals": ("focal_point", "/desk/proposals/"),
    "draft": ("scientist", ("/desk/proposals/", "/desk/proposals/")),
    **{
        f"draft-{name}": ("scientist", ("/desk/proposals/", "/desk/proposals/", address))
        for name, address in {
            "basics": "basics/",
            "team": "team/",
            "plan": "plan/",
            "budget": "budget/",
            "partners": "partners/",
            "partner-add": "partners/add/?q=halls",
            "request": "partners/request/",
            "check": "check/",
        }.items()
    },
    "trainings": ("focal_point", "/desk/training/"),
    "course-new": ("focal_point", "/desk/training/courses/new/"),
    "reviews": ("reviewer", "/desk/reviews/"),
    "review": ("reviewer", ("/desk/reviews/", "/desk/reviews/")),
    **{
        f"project-{name}": ("focal_point", f"/desk/projects/drought-hardy-grain-legumes-for-dryland-farms/{name}/")
        for name in ("milestones", "outputs", "reports", "grant")
    },
    **{
        f"call-{name.replace('/', '-')}": ("officer", f"/desk/calls/living-with-floods-landslides-and-drought/{name}/")
        for name in ("review", "ranking", "panel", "decide/many", "letters")
    },
    **{
        f"call-{name}": ("officer", f"/desk/calls/heat-in-growing-cities-full-proposals/{name}/")
        for name in ("requests", "remind", "late", "paper", "deadline")
    },
    "call-officers": ("administrator", "/desk/calls/living-with-floods-landslides-and-drought/officers/"),
    "officer-desk": ("officer", "/desk/"),
    "desk-calls": ("officer", "/desk/calls/"),
    "call-new": ("officer", "/desk/calls/new/"),
    "registry": ("officer", "/desk/registry/"),
    "merge": ("officer", "/desk/registry/merge/"),
    "memberships": ("officer", "/desk/memberships/"),
    "moderation": ("officer", "/desk/moderation/"),
    "messages-reported": ("officer", "/desk/messages/reported/"),
    "roles": ("administrator", "/desk/roles/"),
    "history": ("administrator", "/desk/history/"),
}

# An outline of two pixels or more around what has the focus, or around the cell it fills; a date field marks its own parts.
FOCUS_SHOWS = """() => {
    const focused = document.activeElement;
    return focused.type === "date" || [focused, focused.parentElement, focused.parentElement.parentElement].some(element => {
        const style = getComputedStyle(element);
        return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
}"""

ALL = list(itertools.product(("light", "dark"), ("ltr", "rtl")))
PAIRWISE = {360: [("light", "ltr"), ("dark", "rtl")], 1280: [("light", "rtl"), ("dark", "ltr")]}
FEWER = {360: [("dark", "ltr")], 1280: [("light", "rtl")]}
TYPES = {
    **{name: (None, address) for name, address in PAGES.items()},
    **{name: ("scientist", address) for name, address in SIGNED_IN_PAGES.items()},
    **MORE_PAGES,
}
COMBINATIONS = [
    case
    for name in TYPES
    for width, looks in (FEWER if name in MORE_PAGES else PAIRWISE).items()
    for case in (
        pytest.param(name, width, looks, id=f"{name}-{width}"),
        pytest.param(
            name, width, [look for look in ALL if look not in looks], marks=pytest.mark.long, id=f"{name}-{width}-rest"
        ),
    )
]


def first_record(visit, start: str, prefix: str, suffix: str = "", **options) -> str:
    page = visit(start, **options)
    links = page.eval_on_selector_all("main .rows a", "links => links.map(link => link.getAttribute('href'))")
    return next(link for link in links if re.fullmatch(rf"{prefix}[a-z0-9-]+/", link)) + suffix


def open_type(visit, name: str, portal, **options):
    role, address = TYPES[name]
    user = portal.login(role) if role else None
    if isinstance(address, tuple):
        if name not in portal.records:
            portal.records[name] = first_record(visit, *address, user=user, stays=True)
        address = portal.records[name]
    return visit(address, user=user, **options)


def violations(page) -> list[str]:
    page.wait_for_load_state()
    try:
        found = Axe().run(page, options=AXE).response["violations"]
    except Error:  # The page went on to the next one meanwhile: it is that one which is looked at.
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options=AXE).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize(("name", "width", "looks"), COMBINATIONS)
def test_page_is_accessible_and_whole(visit, portal, name, width, looks):
    page = open_type(visit, name, portal, width=width, stays=True)
    for scheme, direction in looks:
        page.emulate_media(color_scheme=scheme)
        page.evaluate("direction => document.documentElement.dir = direction", direction)
        keep_screenshot(page, f"{name}-{width}-{scheme}-{direction}")

        assert violations(page) == [], (scheme, direction)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator("h1").count() == 1
    if name in {"not-found", "bad-request"}:
        visit.complaints.clear()  # the browser writes the status of the page itself to the console


@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_without_javascript(visit, portal, name):
    page = open_type(visit, name, portal, width=360, script=False)

    assert page.locator("main h1").is_visible()
    assert page.locator("footer").last.is_visible()
    if name in {"not-found", "bad-request"}:
        visit.complaints.clear()


@pytest.mark.parametrize(
    ("path", "kilobytes"), [("/", 80), *((f"/{name}/", 60) for name in ("members", "centers", "projects", "exchanges"))]
)
def test_first_view_is_light(chromium, portal, path, kilobytes):
    page = chromium.new_page()
    answered = []
    page.on("requestfinished", lambda request: answered.append(request))
    page.goto(portal.url(path), wait_until="networkidle")
    sizes = {
        request.url: sum(request.sizes()[part] for part in ("responseBodySize", "responseHeadersSize"))
        for request in answered
    }
    page.close()

    assert len(sizes) <= 8
    assert all(url.startswith(portal.address) for url in sizes)
    assert sum(sizes.values()) <= kilobytes * 1000, sizes


@pytest.mark.parametrize("path", ["/", "/members/", "/projects/"])
def test_keyboard_reaches_everything_with_visible_focus(visit, path):
    page = visit(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"

    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWS), page.evaluate("document.activeElement.outerHTML")


def test_slash_goes_to_the_search(visit):
    page = visit("/")
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_facets_answer_at_once_and_keep_the_address(visit):
    page = visit("/projects/")
    before = page.locator("[data-announce]").inner_text()
    page.locator(".facets input[name=country]").first.check()
    page.wait_for_url("**country=*")
    page.wait_for_function("before => document.querySelector('[data-announce]').innerText != before", arg=before)
    shown = page.locator("[data-announce]").inner_text()
    page.reload()

    assert page.locator("[data-announce]").inner_text() == shown


def test_facets_work_without_javascript(visit):
    page = visit("/projects/", script=False)
    page.locator(".facets input[name=country]").first.check()
    page.locator(".facets button[type=submit]").first.click()

    assert "country=" in page.url
    assert page.locator(".chips a, a.chip").count() >= 1


def test_page_prints_without_navigation(visit):
    page = visit("/members/chinese-academy-of-sciences/")
    page.emulate_media(media="print")
    keep_screenshot(page, "member-print")

    assert not page.locator(".masthead nav").is_visible()
    assert page.locator("h1").is_visible()
