"""The rows of the table that test_matrix.py leaves for a second worker."""

import pytest

from tests.matrix.table import ROWS


@pytest.mark.django_db
@pytest.mark.usefixtures("unrendered", "rare_collections")
@pytest.mark.parametrize("key", sorted(ROWS)[1::2])
def test_t14_t16_address_answers_each_role_as_declared(browsers, key):
    assert browsers.differences(key) == []
