"""Two worlds that are equal but for a secret: whoever must not know it is answered the same in both, byte by byte.

After CoCon's definition of confidentiality: for the reviewer of a proposal, its scores before release, a pending decision, the
content of a draft, a proposal hidden by a conflict of interest, the applicant of a blind review, the drafts of a stay, of its
report and of news, who took part in a training, and what somebody follows.
"""

import random

import pytest
import time_machine
from django.utils import timezone

from tests.matrix.two_worlds.mutants import LEAKS
from tests.matrix.two_worlds.secrets import SECRETS, prepare
from tests.matrix.two_worlds.seeing import addresses, differences, numbers, numbers_that_go_back, trace

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rare_collections"), pytest.mark.time_limit(180)]
PAIRS = [(secret, viewer) for secret in SECRETS for viewer in secret.hidden_from]
TRACES, LONG, REQUESTS = 20, 200, 200


@pytest.fixture(scope="module")
def before(browsers):
    """The numbers of rows in the world that both begin with."""
    with numbers_that_go_back(), time_machine.travel(timezone.now(), tick=False):
        prepare(browsers.world)
        yield numbers()


@pytest.mark.parametrize(
    "seed", [*range(TRACES), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(TRACES, LONG))]
)
def test_t2_t4_t7_t9_t10_t25_whoever_must_not_know_is_answered_the_same(browsers, before, seed):
    dice = random.Random(seed)
    secret, viewer = PAIRS[seed * 19 % len(PAIRS)]
    asked = trace(dice, *addresses(secret, browsers.world), REQUESTS)
    assert differences(browsers, secret, viewer, asked, before) == [], f"{viewer} can tell: {secret.name}"


def test_traces_are_spread_over_secrets_and_viewers():
    chosen = [PAIRS[seed * 19 % len(PAIRS)] for seed in range(TRACES)]
    assert {secret.name for secret, _viewer in chosen} == {secret.name for secret in SECRETS}
    assert len({viewer for _secret, viewer in chosen}) >= 6
    assert {PAIRS.index(PAIRS[seed * 19 % len(PAIRS)]) for seed in range(LONG)} == set(range(len(PAIRS)))


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.name)
def test_whoever_may_know_sees_the_difference(browsers, before, secret):
    """Or the test could not fail."""
    about, _rest = addresses(secret, browsers.world)
    asked = [address for address in about if secret.seen_at in address]
    assert differences(browsers, secret, secret.knows, asked, before) != []


def test_there_are_many_ways_to_tell_too_much():
    assert len({leak.flaw for leak in LEAKS}) == len(LEAKS) >= 25


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.flaw)
def test_broken_policy_is_told_from_what_is_seen(browsers, before, leak, monkeypatch):
    secret = next(secret for secret in SECRETS if secret.name == leak.secret)
    assert leak.viewer in secret.hidden_from
    about, _rest = addresses(secret, browsers.world)
    asked = [address for address in about if leak.at in address]
    leak.apply(monkeypatch)
    assert differences(browsers, secret, leak.viewer, asked, before) != []
