"""Slugs: lower-case ASCII letters, digits and hyphens, made from the folded display name.

They never change without a redirect, so they are made once, when the record is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from toolkit.names.folding import fold

SLUG_LENGTH = 80

# Last parts of addresses that are no record, so no record may be called by them.
# fmt: off
RESERVED = frozenset(
    {
        "accessibility", "account", "accounts", "add", "admin", "all", "api", "apply", "archive", "as-of", "calendar",
        "calendar.ics", "calls", "cancel", "centers", "cite", "close", "compare", "confirm", "countries", "create",
        "csv", "dashboard", "delete", "desk", "docs", "download", "draft", "drafts", "edit", "exchanges", "export",
        "facets", "feed", "feed.atom", "filter", "follow", "followers", "following", "healthz", "help", "history", "import",
        "inbox", "index", "institution", "invitation", "invitations", "invite", "join", "json", "letter", "letters",
        "list", "login", "logout", "lookup", "mail", "manage", "map", "me", "media", "members", "mine", "missing", "names", "new",
        "news", "next", "none", "null", "offers", "openapi.json", "page", "partner", "partners", "people", "preview",
        "previous", "print", "privacy", "profile", "projects", "proposals", "publish", "readyz", "redirect", "report",
        "reports", "reviews", "roles", "rss", "save", "saved", "search", "settings", "sign-in", "sign-out", "sitemap",
        "sitemap.xml", "static", "statistics", "status", "subscribe", "suggest", "suggestions", "themes", "undo",
        "unfollow", "unsubscribe", "update", "upload", "withdraw", "xlsx",
    }
)
# fmt: on
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


def slugify(text: str, fallback: str = "") -> str:
    """The slug of a display name, at most 80 characters, cut at a word; of the fallback where no Latin form is.

    Nothing is transliterated: a name in Cyrillic or Chinese takes its ROR or record number. One stray Latin letter
    among others ("Институт физики I") and digits alone are no Latin form.
    """
    folded = fold(text)
    latin = sum(character.isascii() for character in folded if character.isalpha())
    foreign = sum(not character.isascii() for character in folded if character.isalpha())
    if latin > 1 or (latin and not foreign):
        return _cut(_hyphenate(folded), SLUG_LENGTH)
    return _cut(_hyphenate(fold(fallback)), SLUG_LENGTH)


def unique_slug(base: str, country: str = "", *, taken: Callable[[str], bool]) -> str:
    """The first free one of base, base-pk, base-pk-2 …, or of base, base-2 … without a country.

    Reserved words count as taken. Two writers may still meet: the unique constraint decides, not this look.
    """
    return next(slug for slug in _candidates(base, country) if slug not in RESERVED and not taken(slug))


def unique_slugs(wanted: Iterable[tuple[str, str]], taken: set[str]) -> list[str]:
    """`unique_slug` for many (base, country) at once, in their order; `taken` is read, not changed."""
    used = taken | RESERVED
    waiting: dict[tuple[str, str], Iterator[str]] = {}
    slugs = []
    for base, country in wanted:
        # The same iterator goes on where it stopped, or a thousand namesakes would be counted from 2 each time.
        candidates = waiting.setdefault((base, country), _candidates(base, country))
        slug = next(slug for slug in candidates if slug not in used)
        used.add(slug)
        slugs.append(slug)
    return slugs


def _candidates(base: str, country: str) -> Iterator[str]:
    if not base:
        raise ValueError("A slug needs a base: give slugify() a fallback.")
    yield _cut(base, SLUG_LENGTH)
    suffix = f"-{country.lower()}" if country else ""
    if suffix:
        yield _with_suffix(base, suffix)
    for number in count(2):
        yield _with_suffix(base, f"{suffix}-{number}")


def _with_suffix(base: str, suffix: str) -> str:
    return _cut(base, SLUG_LENGTH - len(suffix)) + suffix


def _hyphenate(folded: str) -> str:
    return _NOT_IN_A_SLUG.sub("-", folded).strip("-")


def _cut(slug: str, length: int) -> str:
    if len(slug) <= length:
        return slug
    words, _hyphen, _rest = slug[: length + 1].rpartition("-")
    return words or slug[:length]
