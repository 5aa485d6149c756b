"""The rules against the oracle; what is listed against what can be opened; and rules broken on purpose, which must be seen."""

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
from toolkit.clock import database_today

pytestmark = [pytest.mark.django_db, pytest.mark.time_limit(120)]


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


def oracle(world, role: str, rows: dict[type[models.Model], list]) -> dict[str, set]:
    """For each rule, the keys of the rows for which it ought to hold."""
    who = Who(person(world, role), database_today())
    return {name: {row.pk for row in rows[RULES[name][1]] if POLICY[name](who, row)} for name in RULES}


@pytest.fixture(scope="module")
def said(world) -> dict[tuple[str, str], set]:
    """What the oracle says of the world as it was built. The mutants break the rules, and leave this alone."""
    rows = {model: rows_of(model) for _act, model in RULES.values()}
    return {(role, name): keys for role in ROLES for name, keys in oracle(world, role, rows).items()}


def differences(world, role: str, name: str, said: set) -> Iterator[str]:
    """Where a rule and the oracle disagree, one sentence a row."""
    act, model = RULES[name]
    first = model._base_manager.order_by("pk")[:60].values("pk")
    allowed = model._base_manager.filter(permission(act, model)(person(world, role)))
    for key in said ^ set(allowed.filter(pk__in=first).values_list("pk", flat=True)):
        yield f"{role} {'may not' if key in said else 'may'} {name} {key}, against the oracle"


def test_every_rule_is_known_to_the_oracle():
    assert set(RULES) == set(POLICY)


def test_world_holds_a_row_for_every_rule(world):
    assert [name for name, (_act, model) in RULES.items() if not rows_of(model)] == []


def test_rules_say_what_the_oracle_says(world, said):
    for role in ROLES:
        assert [sentence for name in RULES for sentence in differences(world, role, name, said[role, name])] == []


@pytest.mark.time_limit(600)
@pytest.mark.parametrize("worlds", [12, pytest.param(150, marks=pytest.mark.long)])
def test_listed_is_what_can_be_opened(world, worlds):
    """{row: can(view, row)} == visible_to(), for every model and role, in worlds that hypothesis turns about."""
    today = database_today()
    views = [name for name in RULES if RULES[name][0] == "view"]

    @settings(
        max_examples=worlds,
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
            ought = oracle(world, role, {model: rows_of(model) for _act, model in RULES.values()})
            assert [text for name in RULES for text in differences(world, role, name, ought[name])] == []
            transaction.set_rollback(True)

    listed_is_opened()


def test_there_are_many_ways_to_write_a_rule_wrongly():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 25


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_broken_rule_is_seen(mutant, world, said, monkeypatch):
    mutant.apply(monkeypatch)
    pairs = [(role, name) for name in mutant.rules or RULES for role in ROLES]
    seen = (sentence for role, name in pairs for sentence in differences(world, role, name, said[role, name]))
    assert next(seen, None) is not None
