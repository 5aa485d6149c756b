"""Every address × method × role against the table. A new address without a row fails."""

from copy import deepcopy

import pytest
from django.core.cache import cache
from django.db import transaction

from tests.matrix.addresses import addresses
from tests.matrix.cells import METHODS, SECOND_FACTOR, SIGN_IN
from tests.matrix.roles import ANONYMOUS, ROLES
from tests.matrix.table import ROWS
from tests.matrix.world import build

pytestmark = pytest.mark.long
NAMES = addresses()


def test_every_address_has_a_row():
    assert {key.partition(" [")[0] for key in ROWS} == set(NAMES)


def test_table_counts_its_cells(capsys):
    cells = len(ROWS) * len(METHODS) * len(ROLES)
    with capsys.disabled():
        print(f"\npermission matrix: {len(NAMES)} addresses, {len(ROWS)} rows, {len(ROLES)} roles, {cells:,} cells")
    assert cells > 10_000


@pytest.mark.django_db
@pytest.mark.time_limit(120)
@pytest.mark.parametrize("key", sorted(ROWS))
def test_address_answers_each_role_as_declared(client, key):
    world, row = build(), ROWS[key]
    address = NAMES[key.partition(" [")[0]].at(**row.path(world)) + row.query
    wrong = []
    for role in ROLES:
        client.logout()
        if role != ANONYMOUS:
            client.force_login(world.people[role])
        for method in METHODS:
            given = answer(client, method, address, row.data(world) if method == "POST" else {})
            if given not in row.expected(method, role):
                wrong.append(f"{method} {address} as {role}: {given}, not {row.expected(method, role)}")
    assert not wrong, "\n".join(["", *wrong])


def answer(client, method: str, address: str, data: dict):
    """What the client gets; whatever the request changes is taken back, in the browser too."""
    cache.clear()
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = getattr(client, method.lower())(address, data)
        transaction.set_rollback(True)
    client.cookies = cookies
    if response.status_code in (301, 302, 303):
        if response["Location"].startswith("/accounts/login/"):
            return SIGN_IN
        if response["Location"].startswith("/accounts/2fa/"):
            return SECOND_FACTOR
    return response.status_code
