"""What one person gets to see of the portal in a world, in a form that two worlds can be compared by."""

import io
import itertools
import random
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from typing import NamedTuple
from urllib.parse import quote_plus

import psycopg2
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notifications.models import Delivery, Event, Notification
from proposals.models import CallReviewer
from proposals.urls import urlpatterns
from tests.application_role import ROLES
from tests.matrix.asking import Browsers, address_of
from tests.matrix.table import ROWS
from tests.matrix.two_worlds.secrets import Secret, Side

# What differs between two answers to one question: tokens against forged forms, nonces, numbers of requests and of acts.
NOISE = re.compile(
    rb'(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]+|(?<=nonce-)[^\']+|(?<=nonce=")[^"]+|(?<=csrftoken=)\w+|'
    rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{12,64}\b"
)
LISTS = (
    "/search/",
    "/members/",
    "/projects/",
    "/people/",
    "/calls/",
    "/desk/proposals/",
    "/desk/calls/",
    "/desk/registry/",
    *("/news/", "/exchanges/", "/desk/exchanges/", "/desk/news/"),
)
ADMIN_LISTS = ("proposals/proposal", "proposals/call", "notifications/event", "workflow/step", "accounts/user")
ADMIN_LISTS += ("exchanges/stay", "news/newsitem", "notifications/follow")


class Seen(NamedTuple):
    address: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    statements: int


@contextmanager
def numbers_that_go_back() -> Iterator[None]:
    """The portal's role may not turn back the numbers of rows. Here it may, so that both worlds give the same ones."""
    owner = psycopg2.connect(**{**connection.get_connection_params(), "user": ROLES.owner, "cursor_factory": None})
    owner.autocommit = True
    with closing(owner), owner.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO {ROLES.application}")
        try:
            yield
        finally:
            if ROLES.application != ROLES.owner:
                cursor.execute(f"REVOKE UPDATE ON ALL SEQUENCES IN SCHEMA public FROM {ROLES.application}")


def numbers() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'")
        return cursor.fetchall()


def turn_back(to: list[tuple]) -> None:
    names, values = zip(*to, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(name::regclass, COALESCE(value, 1), value IS NOT NULL)"
            " FROM unnest(%s::text[], %s::bigint[]) AS row (name, value)",
            [list(names), list(values)],
        )


def addresses(secret: Secret, world) -> tuple[list[str], list[str]]:
    """Those that ask about the secret, and all others of the portal that can be opened."""
    about = _of_app(secret, world) if secret.app else _of_proposal(secret, world)
    about += [f"{address}?q={quote_plus(word)}" for address in LISTS for word in secret.words]
    for model in ADMIN_LISTS:
        about += [f"/admin/{model}/?q={quote_plus(word)}" for word in secret.words]
    about += ["/desk/", "/desk/inbox/", "/desk/reviews/", "/desk/proposals/", "/desk/calls/", "/accounts/data/"]
    about += ["/desk/history/", "/desk/notifications/", "/news/feed.atom", "/exchanges/feed.atom"]
    day = world.moment.date()
    about += [
        f"/admin/pghistory/context/{world.context.pk}/change/",
        f"/desk/history/?since={day}&until={day}&format=csv",
    ]
    rest = [address_of(key, world) for key in sorted(ROWS) if ROWS[key].get != 405 and key != "readyz"]
    return list(dict.fromkeys(about)), rest


def _of_app(secret: Secret, world) -> list[str]:
    """Each address of the app, with the key or name of what it is about; and its pages in the administration."""
    app, values, thing = import_module(f"{secret.app}.urls"), secret.values(world), secret.about(world)
    found = [
        reverse(f"{secret.app}:{pattern.name}", kwargs={name: values[name] for name in pattern.pattern.converters})
        for pattern in app.urlpatterns
    ]
    model = f"/admin/{thing._meta.label_lower.replace('.', '/')}/"
    return [*found, model, f"{model}{thing.pk}/change/"]


def _of_proposal(secret: Secret, world) -> list[str]:
    proposal = secret.about(world)
    call, reviewers = proposal.call, CallReviewer.objects.filter(call=proposal.call)
    reviews = [review for reviewer in reviewers for review in reviewer.reviews.all()]
    last = max((review.pk for review in reviews), default=world.review.pk)
    values = {
        "slug": [call.slug],
        "pk": [proposal.pk, last, last + 1, last + 2, *reviewers.values_list("pk", flat=True)],
        "part": [part.pk for part in call.parts.all()] or [1],
        "partner": [partner.pk for partner in proposal.partners.all()],
        "review": [last, last + 1],
        "number": [1, 2],
        "question": [1],
        "request_pk": [1],
    }
    about = []
    for pattern in urlpatterns:
        names = list(pattern.pattern.converters)
        for chosen in itertools.product(*(values[name] for name in names)):
            about.append(reverse(f"proposals:{pattern.name}", kwargs=dict(zip(names, chosen, strict=True))))
    about += [
        f"/desk/calls/{call.slug}/?{query}"
        for query in ("format=csv", "format=json", "format=xlsx", "state=submitted", "sort=title")
    ]
    for name in ("proposal", "review", "decision", "submission"):
        about += [f"/admin/proposals/{name}/"] + [
            f"/admin/proposals/{name}/{key}/change/" for key in (proposal.pk, last, last + 1)
        ]
    return about


def trace(dice: random.Random, about: list[str], rest: list[str], length: int) -> list[str]:
    return [dice.choice(about if dice.random() < 0.6 else rest) for _ in range(length)]


def seen_in(
    browsers: Browsers, secret: Secret, side: Side, viewer: str, asked: list[str], before: list[tuple]
) -> Iterator:
    """What the viewer is answered in one of the two worlds, and what came by mail; then the world is taken back."""
    cache.clear()
    ContentType.objects.clear_cache()
    with transaction.atomic():
        turn_back(before)
        secret.tell(browsers.world, side)
        Event.objects.filter(created_at__gt=browsers.world.moment).update(created_at=browsers.world.moment)
        for number, address in enumerate(asked):
            if number % 10 == 0:
                cache.clear()  # or it would be asked too often
            yield _look(browsers, viewer, address)
        yield from _told(browsers.world.people[viewer])
        transaction.set_rollback(True)


def _look(browsers: Browsers, viewer: str, address: str) -> Seen:
    with CaptureQueriesContext(connection) as asked:
        response = browsers.ask(viewer, "GET", address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        body = _unpacked(body)
    headers = tuple(sorted((name, NOISE.sub(b"*", text.encode()).decode()) for name, text in response.headers.items()))
    headers = tuple(pair for pair in headers if pair[0] != "Content-Length")  # of the body with its tokens
    return Seen(address, response.status_code, headers, NOISE.sub(b"*", body), len(asked))


def _unpacked(archive: bytes) -> bytes:
    """What is in it; that it was packed at another moment tells nothing."""
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return b"".join(name.encode() + packed.read(name) for name in packed.namelist() if name != "docProps/core.xml")


def _told(user) -> Iterator[tuple]:
    if user.pk is not None:
        yield from (
            Notification.objects.filter(subscriber__user=user).values_list("event__kind", "event__facts").order_by("pk")
        )
        yield from Delivery.objects.filter(subscriber__user=user).values_list("purpose", "state").order_by("pk")


def differences(browsers: Browsers, secret: Secret, viewer: str, asked: list[str], before: list[tuple]) -> list[str]:
    """Where the viewer could tell the worlds apart."""
    browsers.ask(viewer, "GET", "/privacy/")  # what is read once for all requests is known in both worlds
    one, other = (list(seen_in(browsers, secret, side, viewer, asked, before)) for side in (0, 1))
    if len(one) != len(other):
        return [f"{len(one) - len(asked)} and {len(other) - len(asked)} messages"]
    return [_difference(left, right) for left, right in zip(one, other, strict=True) if left != right]


def _difference(one, other) -> str:
    if not isinstance(one, Seen):
        return f"told {one!r}, and {other!r}"
    name = next(name for name in Seen._fields if getattr(one, name) != getattr(other, name))
    left, right = getattr(one, name), getattr(other, name)
    if name == "headers":
        left, right = sorted(set(left) - set(right)), sorted(set(right) - set(left))
    if name == "body":
        at = next((n for n, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), 0)
        left, right = left[max(0, at - 60) : at + 60], right[max(0, at - 60) : at + 60]
    return f"{one.address} {name}: {left!r} and {right!r}"
