"""Saved searches: what is new, changed or gone among all that a list finds, told to those who follow the search.

A search remembers, of every record that it found, its number and a hash of what the list shows of it. What is told is the
difference between what was there the last time and what is there now, so it does not matter when a change was made,
committed or undone, nor on which page it would stand. Comparing, remembering and announcing are one transaction: each
difference is in exactly one event, and so in one mail to each follower.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext as _

import centers.views.lists
import exchanges.views.lists
import members.views.lists
import projects.views.lists
import proposals.views.lists
from accounts.access import visible
from anso_portal.models import SavedSearch
from centers.filters import CenterFilters
from centers.models import Center
from exchanges.filters import OfferFilters
from exchanges.models import Offer
from members.filters import InstitutionFilters
from members.models import Institution
from notifications.actions import announce
from notifications.models import Follow
from projects.filters import ProjectFilters
from projects.models import Project
from proposals.filters import CallFilters
from proposals.models import Call
from toolkit.listing import ListFilters

FOUND = "search.found"
LINES = 500  # of one mail; more are told by several
LONGEST = 1500  # letters of a query
UNFOLLOWED_FOR = timedelta(days=4)  # until a search that nobody follows is forgotten; a link to confirm holds for three


@dataclass(frozen=True)
class Watched:
    """A list: what a row shows (as in its files), and the columns of it that count as a change."""

    model: type[models.Model]
    filters: type[ListFilters]
    prepare: Callable[..., models.QuerySet]
    columns: str

    def asked(self, query: QueryDict) -> ListFilters:
        """As a visitor asks; their `rows()` are what a visitor finds."""
        request = SimpleNamespace(user=AnonymousUser(), GET=query)
        filters = self.filters(query, visible(self.model._default_manager.all(), request.user), request=request)
        filters.exact = True
        return filters

    @property
    def shape(self) -> str:
        return hashlib.sha256(self.columns.encode()).hexdigest()[:16]

    def digests(self, query: str = "") -> tuple[str, tuple]:
        """A statement of (id, digest) for each row that the query finds, and its parameters."""
        filters, names = self.asked(QueryDict(query)), self.columns.split()
        shown = self.prepare(filters.rows(), filters).order_by().values_list("pk", *names)
        sql, values = shown.query.sql_with_params()
        columns = ", ".join(["id", *(f"c{place}" for place in range(len(names)))])
        return f"SELECT q.id, hashtextextended(q::text, 0) AS digest FROM ({sql}) AS q ({columns})", values  # noqa: S608


LISTS = {
    "members": Watched(
        Institution,
        InstitutionFilters,
        members.views.lists.for_file,
        "name acronym kind scope standing standing_since record_status country city website established",
    ),
    "centers": Watched(
        Center,
        CenterFilters,
        centers.views.lists.for_file,
        "name acronym status countries hosts leads fields theme_slugs established_on closed_on website summary",
    ),
    "projects": Watched(
        Project,
        ProjectFilters,
        projects.views.lists.for_file,
        "code acronym title status starts_on starts_precision ends_on ends_precision lead partners country_codes "
        "theme_slugs center_slugs keywords amount currency funder funding_programme website summary",
    ),
    "calls": Watched(
        Call,
        CallFilters,
        proposals.views.lists.for_file,
        "title kind listed_status opens_at closes_at zone currency budget most_per_proposal theme_slugs summary",
    ),
    "exchanges": Watched(
        Offer,
        OfferFilters,
        exchanges.views.lists.for_file,
        "title kind listed_status institution center country city places starts_on ends_on apply_by open_to_codes "
        "theme_slugs description paid",
    ),
}


# --- Saving


def read_search(listing: str, query: QueryDict) -> SavedSearch | None:
    """The search in the one spelling that all who ask for the same share, not saved yet.

    None where there is no such list, or what is asked for cannot be watched: a past day, or a value that names nothing.
    """
    watched = LISTS.get(listing)
    if watched is None or any("\x00" in value for name in query for value in query.getlist(name)):
        return None
    chosen = watched.asked(query).chosen
    if chosen.get("as_of") or any(choice.key is None for choices in chosen.values() for choice in choices):
        return None
    pairs = sorted((name, choice.value) for name, choices in chosen.items() for choice in choices)
    name = str(watched.model._meta.verbose_name_plural)
    words = [choice.label for choices in chosen.values() for choice in choices]
    label = f"{name[:1].upper()}{name[1:]}" + (f": {', '.join(words)}" if words else "")
    # Whoever does not know the search cannot guess its token.
    token = hashlib.sha256(json.dumps([listing, *pairs]).encode()).hexdigest()[:32]
    search = SavedSearch(listing=listing, query=pairs, token=token, label=label[:300], shape=watched.shape)
    return search if len(urlencode(pairs)) <= LONGEST else None


@transaction.atomic
def save_search(*, wanted: SavedSearch) -> SavedSearch:
    """What it finds now is known from now on, and is no news. Saved twice, it is the one that is there."""
    if found := SavedSearch.objects.filter(token=wanted.token).first():
        return found
    with connection.cursor() as cursor:
        cursor.execute(*LISTS[wanted.listing].digests(urlencode(wanted.query)))
        known = sorted(cursor.fetchall())
    wanted.keys, wanted.digests = [key for key, _digest in known], [digest for _key, digest in known]
    SavedSearch.objects.bulk_create([wanted], ignore_conflicts=True)
    return SavedSearch.objects.get(token=wanted.token)


def forget_unfollowed() -> int:
    """Searches that nobody follows, or has asked to follow of late."""
    followed = Follow.objects.filter(topic=models.functions.Concat(models.Value("search:"), models.OuterRef("token")))
    old = SavedSearch.objects.filter(created_at__lt=Now() - UNFOLLOWED_FOR)
    return old.exclude(models.Exists(followed)).delete()[0]


# --- Comparing

# `listed` holds the digests of the whole list, made once for all searches of it. A record that it does not hold yet is left
# to the next time. Where the columns are others than those remembered, as after an update, digests cannot be compared.
COMPARE = """
WITH now AS MATERIALIZED (
    SELECT listed.id, listed.digest FROM listed WHERE listed.id IN ({found})
), before AS MATERIALIZED (
    SELECT known.id, known.digest FROM {search} s, unnest(s.keys, s.digests) AS known (id, digest) WHERE s.id = %s
), differences AS MATERIALIZED (
    SELECT COALESCE(now.id, before.id) AS id,
        CASE WHEN before.id IS NULL THEN 'new' WHEN now.id IS NULL THEN 'gone' ELSE 'changed' END AS what
    FROM now FULL JOIN before ON now.id = before.id
    WHERE now.digest IS DISTINCT FROM before.digest
), remembered AS (
    UPDATE {search} SET shape = %s,
        keys = ARRAY(SELECT id FROM now ORDER BY id), digests = ARRAY(SELECT digest FROM now ORDER BY id)
    WHERE id = %s AND EXISTS (SELECT FROM differences)
)
SELECT id, what FROM differences WHERE what <> 'changed' OR %s ORDER BY id
"""


def compare_searches() -> Iterator[tuple[str, int]]:
    """All of them, list by list: its name, and how many differences were told."""
    for listing, watched in LISTS.items():
        yield listing, _compare_list(listing, watched)


@transaction.atomic
def _compare_list(listing: str, watched: Watched) -> int:
    of_list = SavedSearch.objects.filter(listing=listing).order_by("pk").defer("keys", "digests")
    searches = list(of_list.select_for_update(skip_locked=True))
    if not searches:
        return 0
    sql, values = watched.digests()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE listed (id bigint PRIMARY KEY, digest bigint NOT NULL)")
        cursor.execute(f"INSERT INTO listed {sql}", values)
        cursor.execute("ANALYZE listed")
        told = sum(_compare(search, watched) for search in searches)
        cursor.execute("DROP TABLE listed")
    return told


def _compare(search: SavedSearch, watched: Watched) -> int:
    found = watched.asked(QueryDict(urlencode(search.query))).rows()
    try:
        sql, values = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django knows that there are none, as where a theme that was asked for is gone
        sql, values = "SELECT NULL::bigint WHERE false", ()
    table = connection.ops.quote_name(SavedSearch._meta.db_table)
    alike = search.shape == watched.shape
    with connection.cursor() as cursor:
        cursor.execute(
            COMPARE.format(found=sql, search=table),
            [*values, search.pk, watched.shape, search.pk, alike],
        )
        differences = cursor.fetchall()
    for start in range(0, len(differences), LINES):
        _tell(search, watched, differences[start : start + LINES])
    return len(differences)


def _tell(search: SavedSearch, watched: Watched, differences: list[tuple[int, str]]) -> None:
    """Named as visitors see them now; what they may no longer see is only counted."""
    keys = [key for key, _what in differences]
    records = visible(watched.model._default_manager.all(), AnonymousUser()).in_bulk(keys)
    lines = [
        [what, str(records[key])[:300], records[key].get_absolute_url()]
        if key in records
        else [what, _("a record that is no longer public"), ""]
        for key, what in differences
    ]
    numbers = {name: sum(what == name for _key, what in differences) for name in ("new", "changed", "gone")}
    announce(FOUND, search, actor=None, about=[search.topic], context={**numbers, "lines": lines})
