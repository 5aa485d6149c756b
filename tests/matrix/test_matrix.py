"""Every address × method × role against the table. A new address without a row fails.

The rows are asked for in two files, so that two workers share them.
"""

import pytest

from tests.matrix.asking import NAMES
from tests.matrix.cells import METHODS
from tests.matrix.roles import ROLES
from tests.matrix.table import ROWS


def test_every_address_has_a_row():
    assert {key.partition(" [")[0] for key in ROWS} == set(NAMES)


def test_table_counts_its_cells(capsys):
    cells = len(ROWS) * len(METHODS) * len(ROLES)
    with capsys.disabled():
        print(f"\npermission matrix: {len(NAMES)} addresses, {len(ROWS)} rows, {len(ROLES)} roles, {cells:,} cells")
    assert cells > 30_000


@pytest.mark.django_db
@pytest.mark.usefixtures("unrendered", "rare_collections")
@pytest.mark.parametrize("key", sorted(ROWS)[::2])
def test_t14_t16_address_answers_each_role_as_declared(browsers, key):
    assert browsers.differences(key) == []
