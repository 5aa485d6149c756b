"""The order of the proposals by their scores, the panel that has the last word, and the optimisation behind assignments."""

import random
from collections import Counter
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from proposals.actions.assignment import assign_by_hand
from proposals.actions.matching import Places, by_reviewer, fit, match
from proposals.actions.ranking import lock_panel, ranking, save_panel, score_of
from proposals.actions.reviewing import plan_of
from proposals.models import Criterion, DeclaredConflict, Panel, Rank
from tests.factories import UserFactory
from tests.proposals.acts import accepted_reviewer, begun, close, judge, sent

# --- The optimisation


def places(proposals=6, reviewers=4, wanted=2, room=3, forbidden=(), **more):
    fits = {(p, r): 0 for p in range(proposals) for r in range(reviewers) if (p, r) not in forbidden}
    return Places(dict.fromkeys(range(proposals), wanted), dict.fromkeys(range(reviewers), room), fits, **more)


def test_every_place_is_filled_and_loads_are_even():
    pairs = match(places())
    assert Counter(p for p, _r in pairs) == dict.fromkeys(range(6), 2)
    assert set(by_reviewer(pairs).values()) == {3}


def test_forbidden_pairs_never_come_about_even_where_places_stay_empty():
    pairs = match(places(proposals=1, reviewers=2, wanted=2, forbidden={(0, 1)}))
    assert pairs == {(0, 0)}


def test_room_is_never_exceeded():
    assert by_reviewer(match(places(proposals=9, room=2))) == dict.fromkeys(range(4), 2)


def test_better_fit_wins_among_equal_loads():
    one = places(proposals=2, reviewers=2, wanted=1, room=1)
    assert match(Places(one.wanted, one.room, one.fits | {(0, 1): 90, (1, 0): 90})) == {(0, 1), (1, 0)}


def test_even_loads_come_before_fit():
    one = places(proposals=4, reviewers=2, wanted=1, room=4)
    pairs = match(Places(one.wanted, one.room, one.fits | {(p, 0): 100 for p in range(4)}))
    assert by_reviewer(pairs) == {0: 2, 1: 2}


def test_reviewers_of_one_proposal_come_from_different_countries():
    pairs = match(places(proposals=2, reviewers=4, wanted=2, room=1, country={0: "PK", 1: "PK", 2: "CN", 3: "CN"}))
    for proposal in range(2):
        assert len({r // 2 for p, r in pairs if p == proposal}) == 2


def test_country_is_a_wish_and_no_rule():
    assert len(match(places(proposals=1, reviewers=2, wanted=2, country={0: "PK", 1: "PK"}))) == 2


def test_what_is_fixed_counts_for_the_even_share():
    pairs = match(places(proposals=2, reviewers=2, wanted=1, room=2, held={0: 2}))
    assert by_reviewer(pairs) == {1: 2}


def test_what_is_there_stays_where_nothing_speaks_against_it():
    before = match(places(proposals=8, reviewers=5, wanted=2, room=4), seed=7)
    after = match(places(proposals=8, reviewers=5, wanted=2, room=4, present=frozenset(before)), seed=8)
    assert after == before


def test_same_seed_gives_the_same_pairs():
    luck = random.Random(3)
    forbidden = {(luck.randrange(30), luck.randrange(12)) for _n in range(60)}
    some = places(proposals=30, reviewers=12, wanted=3, room=10, forbidden=forbidden)
    assert match(some, seed=4) == match(some, seed=4)
    assert not match(some, seed=4) & forbidden
    assert max(by_reviewer(match(some)).values()) - min(by_reviewer(match(some)).values()) <= 1


def test_nothing_to_match():
    assert match(places(proposals=0)) == set()
    assert match(places(reviewers=0)) == set()


def test_fit_is_the_share_of_what_the_proposal_is_about():
    assert (fit(["a", "b"], ["b", "c"]), fit([], ["a"]), fit(["a"], ["a"])) == (50, 0, 100)


# --- Scores


def criterion(pk, weight, labels):
    return Criterion(pk=pk, weight=Decimal(weight), labels=list("abcdefghijk"[:labels]))


def test_score_is_the_weighted_mean_from_worst_to_best():
    criteria = [criterion(1, "2", 5), criterion(2, "1", 3)]
    assert score_of({1: 1, 2: 1}, criteria) == 0
    assert score_of({1: 5, 2: 3}, criteria) == 100
    assert round(score_of({1: 3, 2: 3}, criteria), 4) == Decimal("66.6667")
    assert score_of({1: 3}, criteria) is None


# --- The ranking of a call


@pytest.fixture
def judged():
    """Two proposals of one call with a review each: the second is better."""
    first = sent()
    second = sent(first.call)
    close(first)
    officer = first.call.officers.get().user
    plan = plan_of(first.call, officer)
    reviewer = accepted_reviewer(first.call)
    other = assign_by_hand(plan=plan, proposal=second, reviewer=reviewer, by=officer)
    review = begun(plan, first, reviewer, officer)
    judge(review, points=2)
    judge(other, points=5)
    return first, second, plan, officer


@pytest.mark.django_db
def test_best_mean_comes_first_with_what_is_missing(judged):
    first, second, plan, officer = judged
    rows = ranking(plan.call, plan, officer)

    assert [(row.proposal, row.mean, row.is_complete) for row in rows] == [
        (second, Decimal("100.0"), False),
        (first, Decimal("25.0"), False),
    ]
    assert (rows[0].median, rows[0].spread, rows[0].place) == (Decimal("100.0"), Decimal("0.0"), None)


@pytest.mark.django_db
def test_panel_has_the_last_word(judged):
    first, second, plan, officer = judged
    save_panel(call=plan.call, held_on=plan.due_at or "2026-11-01", place="", minutes="", order=[first.pk], by=officer)

    assert [(row.proposal, row.place) for row in ranking(plan.call, plan, officer)] == [(first, 1), (second, None)]


@pytest.mark.django_db
def test_locked_ranking_stays(judged):
    first, second, plan, officer = judged
    about = {"call": plan.call, "held_on": "2026-11-01", "place": "", "minutes": "", "by": officer}
    panel = save_panel(order=[first.pk, second.pk], **about)
    lock_panel(panel=panel, by=officer)
    lock_panel(panel=panel, by=officer)

    with pytest.raises(ValidationError, match="locked"):
        save_panel(order=[second.pk], **about)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rank.objects.filter(proposal=first).update(place=9)
    with pytest.raises(IntegrityError), transaction.atomic():
        Panel.objects.update(locked_at=None)


@pytest.mark.django_db
def test_conflict_hides_a_row_without_a_gap_and_keeps_its_place(judged):
    first, second, plan, officer = judged
    about = {"call": plan.call, "held_on": None, "place": "", "minutes": ""}
    save_panel(order=[second.pk, first.pk], by=officer, **about)
    DeclaredConflict.objects.create(proposal=second, user=officer)

    assert [(row.proposal, row.place) for row in ranking(plan.call, plan, officer)] == [(first, 1)]
    save_panel(order=[first.pk], by=officer, **about)
    assert list(Rank.objects.values_list("proposal", "place")) == [(second.pk, 1), (first.pk, 2)]


@pytest.mark.django_db
def test_who_ranks_is_an_officer_of_the_call(judged):
    first, _second, plan, _officer = judged
    about = {"call": plan.call, "held_on": None, "place": "", "minutes": "", "order": []}
    for user in (UserFactory(roles=["officer"]), first.applicant, UserFactory(roles=["reviewer"])):
        with pytest.raises(PermissionDenied):
            save_panel(by=user, **about)


@pytest.mark.django_db
def test_empty_ranking_is_not_locked(judged):
    _first, _second, plan, officer = judged
    panel = save_panel(call=plan.call, held_on="2026-11-01", place="", minutes="", order=[], by=officer)
    with pytest.raises(ValidationError, match="Nothing is ranked"):
        lock_panel(panel=panel, by=officer)
