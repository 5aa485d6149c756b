"""Tests work as the role that the portal runs as, which can neither change the history nor any table: a pytest plugin.

What only the owner may do (a restore, a change of a table, tampering) is marked `owner`. Where the server of TEST_DATABASE_URL
lets us make no role, all works as the owner.
"""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.postgresql.creation import DatabaseCreation

from anso_portal.supervisor.servers import APPLICATION


class Roles:
    """Both roles of the one database. A connection is opened anew when the role changes."""

    def __init__(self):
        self.owner = self.application = ""

    def found(self) -> None:
        """After the database was made, by the owner."""
        self.owner = connection.settings_dict["USER"]
        from anso_portal.history import guard

        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [APPLICATION])
                if not cursor.fetchone()[0]:
                    cursor.execute(f"CREATE ROLE {APPLICATION} LOGIN")
            guard.secure(APPLICATION)
            self.be(APPLICATION)
            connection.ensure_connection()
            self.application = settings.APPLICATION_ROLE = APPLICATION
        except DatabaseError:
            self.be(self.owner)
            self.application = self.owner

    @contextmanager
    def as_owner(self):
        was = connection.settings_dict["USER"]
        self.be(self.owner)
        try:
            yield
        finally:
            self.be(was)

    def be(self, role: str) -> None:
        if role and connection.settings_dict["USER"] != role:
            connection.close()
            connection.settings_dict["USER"] = role


ROLES = Roles()


@pytest.fixture(scope="session", autouse=True)
def _portal_runs_as_its_role():
    from anso_portal.management.commands import flush

    make, destroy, empty = DatabaseCreation.create_test_db, DatabaseCreation.destroy_test_db, flush.Command.handle

    def create_test_db(self, *args, **kwargs):
        name = make(self, *args, **kwargs)
        ROLES.found()
        return name

    def destroy_test_db(self, *args, **kwargs):
        ROLES.be(ROLES.owner)
        return destroy(self, *args, **kwargs)

    def handle(self, **options):
        with ROLES.as_owner():
            empty(self, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "create_test_db", create_test_db)
        patch.setattr(DatabaseCreation, "destroy_test_db", destroy_test_db)
        patch.setattr(flush.Command, "handle", handle)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    ROLES.be(ROLES.owner if item.get_closest_marker("owner") else ROLES.application)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    if item.get_closest_marker("owner"):
        ROLES.be(ROLES.application)
