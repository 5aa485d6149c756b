"""Checks of the database and of how the portal is run; `manage.py check --database default` shows them."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connection, connections

from anso_portal.history import guard

LETTERS = "SELECT upper('привет') = 'ПРИВЕТ'"
TRIGRAMS = "SELECT cardinality(show_trgm('наука')) > 0 AND cardinality(show_trgm('科学院')) > 0"
HOW_TO_MEND = (
    "Make a database whose letters are those of Unicode and restore a backup into it: CREATE DATABASE anso TEMPLATE template0 "
    "ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C' LC_CTYPE 'C.UTF-8' (PostgreSQL 17 or later), "
    "or … LOCALE 'C.UTF-8' (before)."
)
OURS = {"127.0.0.1", "localhost", "::1", "testserver"}


@register(Tags.database)
def letters_are_known(databases=None, **kwargs):
    """In some locales PostgreSQL changes the case of ASCII letters only, and finds no trigrams in other scripts."""
    problems = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            continue
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW server_encoding")
                encoding = cursor.fetchone()[0]
                if encoding != "UTF8":
                    problems.append(
                        Error(f"The database stores {encoding}, not UTF8.", hint=HOW_TO_MEND, id="anso.E001", obj=alias)
                    )
                    continue
                cursor.execute(LETTERS)
                letters = cursor.fetchone()[0]
                cursor.execute("SELECT count(*) > 0 FROM pg_extension WHERE extname = 'pg_trgm'")
                trigrams = True
                if cursor.fetchone()[0]:
                    cursor.execute(TRIGRAMS)
                    trigrams = cursor.fetchone()[0]
        except DatabaseError:
            continue  # A server that does not answer is reported by those who ask it.
        if not (letters and trigrams):
            problems.append(
                Warning(
                    "The database's locale does not know letters beyond ASCII: searches in Cyrillic, Arabic or Chinese fail.",
                    hint=HOW_TO_MEND,
                    id="anso.W001",
                    obj=alias,
                )
            )
    return problems


@register(Tags.database)
def history_is_out_of_reach(databases=None, **kwargs):
    """What the portal itself could rewrite proves nothing to anybody."""
    role = settings.APPLICATION_ROLE or connection.settings_dict["USER"]
    try:
        within_reach = "default" in (databases or []) and guard.may_rewrite(role)
    except DatabaseError:
        return []  # It does not answer, or knows no such role: who migrates is told.
    if not within_reach:
        return []
    return [
        Warning(
            f"The portal runs as {role}, which can change what the history holds.",
            hint="Name the owner of the tables in MIGRATION_DATABASE_URL, a role of its own in DATABASE_URL, and migrate: "
            "see docs/operations.md.",
            id="anso.W003",
        )
    ]


@register(Tags.security)
def embedded_servers_stay_private(**kwargs):
    """The servers of bin/up are of an evaluation's quality, and its sample passwords need no second factor."""
    public = [host for host in settings.ALLOWED_HOSTS if host not in OURS]
    if settings.EMBEDDED_SERVERS and not settings.DEBUG and public:
        return [
            Warning(
                f"The portal is offered as {', '.join(public)} but runs on the servers of bin/up, which are for evaluation.",
                hint="Give DATABASE_URL and REDIS_URL: see docs/operations.md.",
                id="anso.W002",
            )
        ]
    return []
