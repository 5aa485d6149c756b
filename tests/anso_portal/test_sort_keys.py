"""Names sort by a stored key, whatever locale the database was made with."""

import pytest
from django.apps import apps
from django.db import connection

MODELS = [model for model in apps.get_models() if any(field.name == "sort_key" for field in model._meta.fields)]


def test_all_that_sort_by_name_are_here():
    names = {"Call", "Center", "Institution", "Offer", "Person", "Project", "Theme"}
    assert {model.__name__ for model in MODELS} == names


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS)
def test_sort_key_is_compared_byte_by_byte(model):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT collation_name FROM information_schema.columns WHERE table_name = %s AND column_name = 'sort_key'",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == ("C",)
