import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from anso_portal import environment

ROOT = Path(environment.BASE_DIR)


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """No state, no variables: what a fresh machine has."""
    monkeypatch.setattr(environment, "STATE_DIR", tmp_path)
    monkeypatch.setattr(environment, "ALONE", False)
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PORTAL_BASE_URL", "EMAIL_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_tests_run_on_servers_of_their_own(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper('привет'), current_setting('fsync'), current_database()")
        letters, fsync, name = cursor.fetchone()

    assert (letters, fsync) == ("ПРИВЕТ", "off")
    assert name.startswith("test_")


def test_missing_server_says_what_to_do(alone):
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL is missing\. Start the portal with bin/up, or"):
        environment.service_url("DATABASE_URL")


def test_server_of_another_kind_is_refused(alone, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://root@localhost/anso")

    with pytest.raises(ImproperlyConfigured, match="must begin with postgres:// or postgresql://, not with “mysql”"):
        environment.service_url("DATABASE_URL")


def test_running_portal_names_the_servers_unless_the_environment_does(alone, monkeypatch):
    (alone / "state.json").write_text('{"database_url": "postgresql://anso@/anso?host=/there"}')
    assert environment.service_url("DATABASE_URL") == "postgresql://anso@/anso?host=/there"
    assert environment.given_servers() == {}

    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/anso")
    assert environment.service_url("DATABASE_URL") == "postgresql://elsewhere/anso"
    assert environment.given_servers() == {"DATABASE_URL": "postgresql://elsewhere/anso"}


APPLICATION, OWNER = "postgresql://anso_app:one@db/anso", "postgresql://anso:two@db/anso"


@pytest.mark.parametrize(
    ("arguments", "user"),
    [
        (["manage.py", "migrate"], "anso"),
        (["/srv/manage.py", "restore", "file"], "anso"),
        (["manage.py", "import_ror", "file"], "anso_app"),
        (["manage.py", "remove_sample"], "anso_app"),
        (["manage.py"], "anso_app"),
        (["gunicorn", "migrate"], "anso_app"),
    ],
)
def test_tables_are_changed_by_their_owner_and_rows_by_the_portal(alone, monkeypatch, arguments, user):
    monkeypatch.setenv("DATABASE_URL", APPLICATION)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", OWNER)
    monkeypatch.setattr("sys.argv", arguments)

    assert environment.database()["USER"] == user
    assert environment.application_role() == "anso_app"


def test_one_role_serves_both_where_no_owner_is_named(alone, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", OWNER)
    monkeypatch.setattr("sys.argv", ["manage.py", "migrate"])

    assert (environment.database()["USER"], environment.application_role()) == ("anso", "")


def test_the_owner_of_bin_up_goes_with_its_database_only(alone, monkeypatch):
    (alone / "state.json").write_text(
        '{"database_url": "postgresql://anso_app@/anso?host=/x", "migration_database_url": "postgresql://anso@/anso?host=/x"}'
    )
    assert environment.owner_url() == "postgresql://anso@/anso?host=/x"

    monkeypatch.setenv("DATABASE_URL", APPLICATION)
    assert environment.owner_url() == ""


def test_tests_and_checks_do_not_see_the_running_portal(alone, monkeypatch):
    (alone / "state.json").write_text('{"database_url": "postgresql://anso@/anso?host=/there"}')
    monkeypatch.setattr(environment, "ALONE", True)

    assert environment.running_portal() == {}


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_broken_state_is_no_state(alone, content):
    (alone / "state.json").write_text(content)

    assert environment.running_portal() in ({}, [])


@pytest.mark.parametrize(
    ("redis", "celery"),
    [
        ("unix:///run/s.sock?db=3", "redis+socket:///run/s.sock?virtual_host=3"),
        ("unix:///run/s.sock", "redis+socket:///run/s.sock?virtual_host=0"),
        ("redis://host:6379/2", "redis://host:6379/2"),
    ],
)
def test_celery_gets_its_own_spelling_of_a_socket(redis, celery):
    assert environment.celery_broker(redis) == celery


@pytest.mark.parametrize(("value", "answer"), [("true", True), ("1", True), ("Yes", True), ("off", False), ("", False)])
def test_boolean_is_read(monkeypatch, value, answer):
    monkeypatch.setenv("DEBUG", value)

    assert environment.boolean("DEBUG", False) is answer


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DEBUG", "perhaps", lambda: environment.boolean("DEBUG", False)),
        ("MIGRATION_DATABASE_URL", "mysql://root@localhost/anso", environment.owner_url),
        ("DATABASE_CONN_MAX_AGE", "long", lambda: environment.integer("DATABASE_CONN_MAX_AGE", 1)),
        ("SECRET_KEY", "short", environment.secret_key),
        ("PORTAL_BASE_URL", "portal.example.org", environment.base_url),
        ("EMAIL_URL", "mail.example.org", environment.email),
        ("EMAIL_URL", "pop3://mail.example.org", environment.email),
    ],
)
def test_wrong_value_is_refused_by_name(alone, monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=name):
        read()


def test_secret_key_comes_from_the_file_that_up_keeps(alone):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is missing"):
        environment.secret_key()
    (alone / "secret_key").write_text("x" * 50 + "\n")

    assert environment.secret_key() == "x" * 50


def test_every_variable_is_explained():
    """.env.example names each variable that the code reads, and nothing else."""
    code = "".join((ROOT / "anso_portal" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r"(?:env\.\w+|boolean|integer|environ\.get|service_url)\(\s*\"([A-Z_]+)\"", code))
    explained = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert read - {"ANSO_IGNORE_RUNNING_PORTAL"} == explained
