"""What the pages cost when the registry grows: statements and time with 1,000 and with 50,000 institutions, side by side.

    .venv/bin/python bench/institutions.py

starts a PostgreSQL of its own with the settings of bin/up. It ends with 1 where a page needs more statements than its budget
allows (performance.md P4: 8 for a list, 12 signed in; 20 and 24 for the others; the desk of an officer 30), or more than before.
"""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from import_ror import manage, settings_for, throw_away_server

SIZES = (1_000, 50_000)
COUNTRIES = ("PK", "CN", "KE", "BR", "LK", "NP", "DE", "TH")
LIST, SIGNED_IN, PAGE, DESK = 8, 12, 24, 30
PAGES = (
    ("visitor", LIST, "/members/"),
    ("visitor", LIST, "/members/?country=PK&status=member"),
    ("visitor", LIST, "/members/?q=institute+of+soil"),
    ("visitor", LIST, "/members/?status=partner&sort=name"),
    ("visitor", LIST, "/members/?status=partner&country=PK"),
    ("visitor", LIST, "/people/"),
    ("visitor", 20, "/search/?q=soil"),
    ("visitor", 20, "/countries/PK/"),
    ("visitor", 20, "/"),
    ("focal point", SIGNED_IN, "/members/"),
    ("focal point", DESK, "/desk/"),
    ("focal point", PAGE, "/desk/institution/institute-7/"),
    ("officer", SIGNED_IN, "/members/"),
    ("officer", DESK, "/desk/"),
    ("officer", PAGE, "/desk/registry/"),
    ("officer", PAGE, "/desk/registry/?gap=place"),
    ("officer", PAGE, "/desk/moderation/"),
    ("officer", PAGE, "/desk/memberships/"),
    ("administrator", PAGE, "/admin/members/institution/"),
    ("administrator", PAGE, "/admin/members/institution/?q=soil"),
)
ROUNDS = 7


def main() -> int:
    with throw_away_server() as server:
        settings_for(server.url)
        manage("migrate")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"  # whose static files need no build step
        import django
        from django.conf import settings

        django.setup()
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
        settings.ALLOWED_HOSTS = ["testserver"]
        clients, costs = people(), []
        for size in SIZES:
            grow(size)
            costs.append({(who, page): cost(clients[who], page) for who, _budget, page in PAGES})
        return told(*costs)


def people() -> dict:
    """Signed in, one for each role; the focal point has an institution of the first thousand."""
    from django.test import Client

    from accounts.models import AllianceRole, User
    from members.models import InstitutionRole

    grow(10)
    clients = {"visitor": Client()}
    for role in ("focal point", "officer", "administrator"):
        user = User.objects.create(email=f"{role.replace(' ', '.')}@example.org", name=role.title())
        user.authenticator_set.create(type="totp", data={})
        if role == "focal point":
            from members.models import Institution

            institution = Institution.objects.get(slug="institute-7")
            InstitutionRole.objects.create(user=user, institution=institution, role="focal_point")
        else:
            AllianceRole.objects.create(user=user, role=role)
        clients[role] = Client(raise_request_exception=True)
        clients[role].force_login(user)
    return clients


def grow(size: int) -> None:
    """To so many institutions: a tenth of them members, in eight countries, each with a name and an acronym."""
    import datetime

    from django.db import connection, transaction

    from members.actions.names import keep_names
    from members.models import Institution, InstitutionName, Membership
    from vocabularies.models import Country

    first, places = Institution.objects.count(), [Country.objects.get(pk=code) for code in COUNTRIES]
    subjects = ("Soil", "Water", "Mountain Weather", "Plant Health", "Rare Minerals")
    for start in range(first, size, 5_000):
        rows = [
            Institution(
                slug=f"institute-{n}",
                name=f"Institute of {subjects[n % 5]} {n}",
                country=places[n % 8],
                kind=Institution.Kind.UNIVERSITY,
            )
            for n in range(start, min(size, start + 5_000))
        ]
        with transaction.atomic():
            Institution.objects.bulk_create(rows)
            InstitutionName.objects.bulk_create(
                InstitutionName(institution=row, value=row.name, kind="display", language="en") for row in rows
            )
            Membership.objects.bulk_create(
                Membership(institution=row, standing="member", starts_on=datetime.date(2018, 11, 4))
                for row in rows[::10]
            )
            keep_names(institutions=rows)
        print(f"{start + len(rows):>8,} institutions", end="\r", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def cost(client, page: str) -> tuple[int, float]:
    """Statements, and the median of the milliseconds."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    seconds = []
    for _ in range(ROUNDS):
        start = time.monotonic()
        with CaptureQueriesContext(connection) as asked:
            response = client.get(page)
        seconds.append(time.monotonic() - start)
        if response.status_code != 200:
            sys.exit(f"{page} answered {response.status_code}")
    return len(asked), statistics.median(seconds) * 1000


def told(before: dict, after: dict) -> int:
    print(f"{'':>14} {'':<42} {'statements':>18} {'milliseconds':>18}")
    print(f"{'who':>14} {'page':<42} " + "".join(f"{size:>9,}" for size in SIZES * 2))
    failed = 0
    for who, budget, page in PAGES:
        (few, quick), (many, slow) = before[who, page], after[who, page]
        wrong = many > budget or many > few
        failed += wrong
        print(
            f"{who:>14} {page:<42} {few:>9} {many:>8} {quick:>9.0f} {slow:>8.0f}"
            f"{f'   more than {min(budget, few)}' if wrong else ''}"
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
