"""Whether saved searches tell every change once: 100 of them over 50,000 projects, read out of the mails that left.

    .venv/bin/python bench/searches.py [--searches 100] [--projects 50000] [--rounds 5] [--seed 1]

starts a PostgreSQL of its own. In each round some hundred projects change, come, go or are hidden, a few of them in a transaction
that is open while the searches are compared. What each search should tell is computed beside it, from the bench's own record of
every project. It ends with 1 where a change is missing from the mails of a search, is in two of them, or should not be there.
"""

import argparse
import email
import email.policy
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from import_ror import manage, settings_for, throw_away_server

THEMES = ("water", "soil", "air", "health", "crops", "energy", "ocean", "climate")
COUNTRIES = ("PK", "CN", "KE", "BR", "LK", "NP", "DE", "TH")
WORDS = ("glacier", "maize", "malaria", "solar", "mangrove", "drought", "locust", "tea", "dust", "landslide")
HEADINGS = {"New": "new", "Changed": "changed", "No longer found": "gone"}
HIDDEN = "hidden"
CHANGES = 400


@dataclass(frozen=True)
class Known:
    """A project as the bench knows it."""

    theme: str
    country: str
    word: str
    ended: bool
    published: bool = True
    website: int = 0
    funder: int = 0


Wish = dict[str, str]


def finds(wish: Wish, project: Known) -> bool:
    status = "completed" if project.ended else "active"
    has = {"theme": project.theme, "country": project.country, "q": project.word, "status": status}
    return project.published and all(has[name] == value for name, value in wish.items())


def wishes(number: int) -> list[Wish]:
    found: list[Wish] = [{}, {"status": "active"}, {"status": "completed"}]
    found += [{"theme": theme} for theme in THEMES] + [{"country": code} for code in COUNTRIES]
    found += [{"q": word} for word in WORDS]
    found += [{"theme": theme, "country": code} for theme in THEMES for code in COUNTRIES]
    found += [{"q": word, "status": "active"} for word in WORDS]
    return found[:number]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--searches", type=int, default=100)
    parser.add_argument("--projects", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance = random.Random(given.seed)
    with throw_away_server() as server, tempfile.TemporaryDirectory() as folder:
        settings_for(server.url)
        os.environ.update(ANSO_STATE_DIR=folder, LOG_LEVEL="CRITICAL")
        print("Making the tables …", flush=True)
        manage("migrate")
        import django

        django.setup()
        known = make_projects(given.projects, chance)
        asked = wishes(given.searches)
        took = follow(asked)
        print(f"{len(asked)} searches saved over {given.projects:,} projects in {took:.1f} s", flush=True)
        wrong, late = 0, []
        for number in range(1, given.rounds + 1):
            differ, late = one_round(number, known, late, asked, Path(folder), chance)
            wrong += differ
    print("Every change was told once." if not wrong else f"{wrong} differ from what should be told.")
    return int(wrong > 0)


def make_projects(number: int, chance: random.Random) -> dict[int, Known]:
    from django.db import connection

    from vocabularies.models import Theme

    for slug in THEMES:
        Theme.objects.create(slug=slug, name=slug.title())
    known: dict[int, Known] = {}
    while len(known) < number:
        known |= add_projects(min(5_000, number - len(known)), len(known), chance)
        print(f"{len(known):>8,} projects", end="\r", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return known


def add_projects(number: int, first: int, chance: random.Random) -> dict[int, Known]:
    from django.db import transaction
    from django.utils.timezone import now

    from projects.models import Project, ProjectSite
    from vocabularies.models import Theme

    made = [
        Known(chance.choice(THEMES), chance.choice(COUNTRIES), chance.choice(WORDS), chance.random() < 0.5)
        for _ in range(number)
    ]
    keys = {theme.slug: theme.pk for theme in Theme.objects.all()}
    rows = [
        Project(
            slug=f"p-{first + place}",
            title=f"Project {first + place}",
            summary=f"About {one.word}.",
            ends_on="2020-12-31" if one.ended else "2099-12-31",
            published_at=now(),
        )
        for place, one in enumerate(made)
    ]
    for row in rows:
        row.set_search_columns()
    with transaction.atomic():
        Project.objects.bulk_create(rows)
        between = Project.themes.through
        pairs = list(zip(rows, made, strict=True))
        between.objects.bulk_create(between(project=row, theme_id=keys[one.theme]) for row, one in pairs)
        ProjectSite.objects.bulk_create(
            ProjectSite(project=row, name="Site", country_id=one.country) for row, one in pairs
        )
    return {row.pk: one for row, one in pairs}


def follow(asked: list[Wish]) -> float:
    """One reader each; every other one wants it at once, the others once a day."""
    from django.http import QueryDict
    from django.utils.http import urlencode

    from accounts.models import User
    from anso_portal.searches import read_search, save_search
    from notifications.following import choose, follow_topic
    from notifications.models import Subscriber
    from notifications.topics import resolve

    started = time.monotonic()
    for place, wish in enumerate(asked):
        wanted = read_search("projects", QueryDict(urlencode(wish)))
        assert wanted, wish
        search = save_search(wanted=wanted)
        user = User.objects.create(email=f"reader{place}@example.org", name=f"Reader {place}")
        topic = resolve(search.topic)
        assert topic
        follow_topic(topic=topic, by=user)
        if place % 2:
            choose(subscriber=Subscriber.objects.get(user=user), email={"searches": "now"})
    return time.monotonic() - started


def one_round(
    number: int, known: dict[int, Known], late: list[int], asked: list[Wish], folder: Path, chance: random.Random
) -> tuple[int, list[int]]:
    """How many lines are wrong, and what was committed after the comparing, which is news of the next round."""
    from anso_portal.searches import compare_searches
    from notifications import digests
    from notifications.sender import drain
    from toolkit.clock import database_now

    before = dict(known)
    for key in late:
        known[key] = replace(known[key], funder=known[key].funder + 1)
    change_some(known, chance)
    begun, done = threading.Event(), threading.Event()
    keys = chance.sample([key for key, one in known.items() if one.published], 20)
    writer = threading.Thread(target=change_late, args=(keys, begun, done), daemon=True)
    writer.start()
    if not begun.wait(60):
        sys.exit("The late change did not begin.")
    started = time.monotonic()
    told = dict(compare_searches())
    took = time.monotonic() - started
    done.set()
    writer.join()
    digests.last_daily = lambda now, zone: database_now() + timedelta(days=number)  # each round is a day of its own
    digests.write_digests()
    while drain():
        pass
    wrong, lines = compare(before, known, asked, mails(folder))
    print(
        f"round {number}: compared in {took:4.1f} s, {told['projects']:,} differences, {lines:,} lines in mails, {wrong} wrong"
    )
    return wrong, keys


def change_some(known: dict[int, Known], chance: random.Random) -> None:
    from django.utils.timezone import now

    from projects.models import Project, ProjectSite
    from vocabularies.models import Theme

    themes = {theme.slug: theme for theme in Theme.objects.all()}
    for key in chance.sample(sorted(known), CHANGES):
        one = known[key]
        row = Project.objects.filter(pk=key)
        match chance.randrange(6):
            case 0:
                theme = chance.choice(THEMES)
                row.get().themes.set([themes[theme]])
                changed = replace(one, theme=theme)
            case 1:
                country = chance.choice(COUNTRIES)
                ProjectSite.objects.filter(project=key).update(country=country)
                changed = replace(one, country=country)
            case 2:
                row.update(ends_on="2099-12-31" if one.ended else "2020-12-31")
                changed = replace(one, ended=not one.ended)
            case 3:
                row.update(published_at=None if one.published else now())
                changed = replace(one, published=not one.published)
            case 4:
                row.update(website=f"https://example.org/{one.website + 1}")
                changed = replace(one, website=one.website + 1)
            case _:  # done and undone is no news
                row.update(website="https://example.org/no")
                row.update(website=f"https://example.org/{one.website}" if one.website else "")
                changed = one
        known[key] = changed
    known |= add_projects(25, len(known), chance)


def change_late(keys: list[int], begun: threading.Event, done: threading.Event) -> None:
    """Begins before the searches are compared, and commits after."""
    from django.db import connection, transaction
    from django.db.models import Value
    from django.db.models.functions import Concat

    from projects.models import Project

    with transaction.atomic():
        Project.objects.filter(pk__in=keys).update(funder=Concat("funder", Value("x")))
        begun.set()
        done.wait(600)
    connection.close()


Told = Counter[tuple[str, str]]  # slug and what, or HIDDEN and what


def mails(folder: Path) -> dict[str, Told]:
    """By reader, what the mails say; they are taken away."""
    found: dict[str, Told] = {}
    for path in (folder / "mail").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body
        told = found.setdefault(str(message["To"]), Counter())
        heading = ""
        lines = body.get_content().splitlines()
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            if line in HEADINGS:
                heading = line
            elif line.startswith("* "):
                inline = re.match(rf"\* ({'|'.join(HEADINGS)}): ", line)
                what = inline.group(1) if inline else heading
                slug = re.search(r"/projects/([^/]+)/$", following)
                if what and (inline or heading):
                    told[slug.group(1) if slug else HIDDEN, HEADINGS[what]] += 1
        path.unlink()
    return found


def compare(
    before: dict[int, Known], now: dict[int, Known], asked: list[Wish], told: dict[str, Told]
) -> tuple[int, int]:
    from projects.models import Project

    slugs = dict(Project.objects.values_list("pk", "slug"))
    wrong = lines = 0
    for place, wish in enumerate(asked):
        due: Told = Counter()
        for key, one in now.items():
            was = before.get(key)
            if one == was:
                continue
            had, has = was is not None and finds(wish, was), finds(wish, one)
            if had or has:
                what = "changed" if had and has else "new" if has else "gone"
                due[slugs[key] if one.published else HIDDEN, what] += 1
        came = told.get(f"reader{place}@example.org", Counter())
        lines += came.total()
        difference = (due - came) + (came - due)
        if difference:
            print(f"  {wish}: {dict(list(difference.items())[:5])}")
        wrong += difference.total()
    return wrong, lines


if __name__ == "__main__":
    sys.exit(main())
