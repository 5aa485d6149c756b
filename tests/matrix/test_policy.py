"""The rules against the oracle; what is listed against what can be opened; and rules broken on purpose, which must be seen."""

import datetime
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.access import can, permission, visible
from accounts.models import User
from tests.matrix.changes import CHANGES
from tests.matrix.mutants import MUTANTS
from tests.matrix.policy import POLICY, Who
from tests.matrix.roles import ROLES
from tests.matrix.world import build
from toolkit.clock import database_today

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.time_limit(240)]


def rules() -> dict[str, tuple[str, type[models.Model]]]:
    """Every rule there is: its name, with the act and the model that it is about."""
    found = {}
    for app in apps.get_app_configs():
        try:
            names = dir(import_module(f"{app.name}.permissions"))
        except ModuleNotFoundError:
            continue
        for name in names:
            act, _line, model = name.partition("_")
            if act and model in app.models:
                found[f"{app.label}.{name}"] = (act, app.get_model(model))
    return found


RULES = rules()


def person(world, role: str):
    """As in a request: fresh, and asked for a second factor."""
    user = world.people[role]
    if user.pk is None:
        return AnonymousUser()
    user = User.objects.get(pk=user.pk)
    user.waives_second_factor = lambda user: False
    return user


def rows_of(model: type[models.Model]) -> list:
    return list(model._base_manager.order_by("pk")[:60])


def differences(world, today: datetime.date, names=tuple(RULES), roles=tuple(ROLES)) -> Iterator[str]:
    """Where a rule and the oracle disagree, one sentence a row."""
    rows = {model: rows_of(model) for model in {RULES[name][1] for name in names}}
    for role in roles:
        user = person(world, role)
        who = Who(user, today)
        for name in names:
            act, model = RULES[name]
            keys = set(model._base_manager.filter(permission(act, model)(user)).values_list("pk", flat=True))
            for row in rows[model]:
                if (row.pk in keys) != POLICY[name](who, row):
                    yield f"{role} {'may' if row.pk in keys else 'may not'} {name} {row!r}, against the oracle"


def test_every_rule_is_known_to_the_oracle():
    assert set(RULES) == set(POLICY)


def test_world_holds_a_row_for_every_rule():
    build()
    assert [name for name, (_act, model) in RULES.items() if not rows_of(model)] == []


def test_rules_say_what_the_oracle_says():
    assert list(differences(build(), database_today())) == []


def test_listed_is_what_can_be_opened():
    """{row: can(view, row)} == visible_to(), for every model and role, in worlds that hypothesis turns about."""
    world, today = build(), database_today()
    views = [name for name in RULES if RULES[name][0] == "view"]

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
        phases=[Phase.generate],
    )
    @given(st.lists(st.sampled_from(CHANGES), max_size=6), st.sampled_from(ROLES), st.randoms(use_true_random=False))
    def listed_is_opened(changes, role, random):
        with transaction.atomic():
            for change in changes:
                change(random, world, today)
            user = person(world, role)
            for name in views:
                model = RULES[name][1]
                listed = set(visible(model._base_manager.all(), user).values_list("pk", flat=True))
                rows = rows_of(model)[-8:]  # those that the world made, after what migrations loaded
                assert {row.pk for row in rows if can(user, "view", row)} == listed & {row.pk for row in rows}, name
            assert list(differences(world, today, roles=[role])) == []
            transaction.set_rollback(True)

    listed_is_opened()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_broken_rule_is_seen(mutant, monkeypatch):
    world, today = build(), database_today()
    mutant.apply(monkeypatch)
    assert next(differences(world, today, names=mutant.rules or tuple(RULES)), None) is not None
