"""A test that commits empties every table when it ends; the rows that migrations load are for all tests and stay."""

import pytest
from django.core.management.commands import flush

KEPT = {"vocabularies_country", "vocabularies_sdg"}


def sql_flush(style, connection, **options) -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return connection.ops.sql_flush(style, [name for name in tables if name not in KEPT], **options)


@pytest.fixture(scope="session", autouse=True)
def _rows_of_migrations_stay():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", sql_flush)
        yield
