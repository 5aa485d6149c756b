import pytest
from django.core import checks
from django.db import connection

from anso_portal.checks import embedded_servers_stay_private, history_is_out_of_reach, letters_are_known


def database_checks():
    return checks.run_checks(tags=[checks.Tags.database], databases=["default"])


def test_the_database_of_the_tests_knows_its_letters(db):
    assert letters_are_known(databases=["default"]) == []


@pytest.mark.owner
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ("ENCODING 'UTF8' LOCALE 'C'", ["anso.W001"]),
        ("ENCODING 'UTF8' LOCALE 'C' LC_CTYPE 'C.UTF-8'", []),
        ("ENCODING 'SQL_ASCII' LOCALE 'C'", ["anso.E001"]),
    ],
)
def test_a_database_that_knows_ascii_only_is_told(transactional_db, monkeypatch, options, found):
    """Asked of real databases of such locales."""
    name = "check_of_letters"
    home = connection.settings_dict["NAME"]
    provider = " LOCALE_PROVIDER libc" if connection.pg_version >= 150000 else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}{provider}")
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        with connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION pg_trgm")
        problems = letters_are_known(databases=["default"])
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")

    assert [problem.id for problem in problems] == found
    assert all("CREATE DATABASE anso" in problem.hint for problem in problems)


def test_the_check_is_among_those_of_the_database(db):
    assert letters_are_known in checks.registry.registry.get_checks()
    assert not [problem for problem in database_checks() if problem.id.startswith("anso.")]


@pytest.mark.parametrize(
    ("embedded", "debug", "hosts", "found"),
    [
        (True, False, ["portal.example.org", "127.0.0.1"], ["anso.W002"]),
        (True, False, ["127.0.0.1", "localhost"], []),
        (True, True, ["portal.example.org"], []),
        (False, False, ["portal.example.org"], []),
    ],
)
def test_embedded_servers_in_public_are_told(settings, embedded, debug, hosts, found):
    settings.EMBEDDED_SERVERS, settings.DEBUG, settings.ALLOWED_HOSTS = embedded, debug, hosts

    assert [problem.id for problem in embedded_servers_stay_private()] == found


def test_a_portal_that_cannot_rewrite_the_history_is_not_warned(db):
    assert history_is_out_of_reach(databases=["default"]) == []


@pytest.mark.owner
def test_a_portal_that_owns_the_history_is_warned(db, settings):
    settings.APPLICATION_ROLE = ""  # one role for all
    assert [problem.id for problem in history_is_out_of_reach(databases=["default"])] == ["anso.W003"]
    assert history_is_out_of_reach(databases=[]) == []
