"""What the page of a decided call tells of its proposals, and what it must not tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proposals.models import Proposal
from proposals.views.details import SMALLEST_GROUP, is_told, large_groups
from tests.factories import CallFactory, InstitutionFactory, ProposalFactory
from tests.proposals.test_pages import text


def decided(countries: dict[str, int], accepted: int = 0):
    call = CallFactory()
    keys = [
        ProposalFactory(call=call, lead=InstitutionFactory(country_id=code)).pk
        for code, number in countries.items()
        for _n in range(number)
    ]
    Proposal.objects.filter(pk__in=keys).update(state="rejected", submitted_at=call.opens_at)
    Proposal.objects.filter(pk__in=keys[:accepted]).update(state="accepted")
    type(call).objects.filter(pk=call.pk).update(state="decided", decided_at=call.closes_at)
    return call


@pytest.mark.django_db
def test_large_groups_are_shown_and_the_others_together(client):
    call = decided({"CN": 6, "PK": 3, "KE": 2}, accepted=5)
    page = text(client.get(call.get_absolute_url()))
    assert "Proposals submitted 11 Accepted 5" in page
    assert "China 6 Other countries 5" in page
    assert "Pakistan" not in page


@pytest.mark.django_db
def test_nothing_is_told_of_four_proposals(client):
    assert "What came of it" not in text(client.get(decided({"CN": 4}).get_absolute_url()))


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", [4, 8])
def test_number_accepted_is_not_told_where_one_could_count_the_few(client, accepted):
    page = text(client.get(decided({"CN": 10}, accepted=accepted).get_absolute_url()))
    assert "Proposals submitted 10" in page
    assert "Accepted" not in page


@pytest.mark.django_db
def test_nothing_is_told_before_the_decision(client):
    call = decided({"CN": 6})
    type(call).objects.filter(pk=call.pk).update(state="published", decided_at=None)
    assert "What came of it" not in text(client.get(call.get_absolute_url()))


@given(st.lists(st.integers(1, 12), max_size=12))
def test_no_group_can_be_worked_out_that_is_too_small(numbers):
    groups = sorted([(str(name), number) for name, number in enumerate(numbers)], key=lambda group: -group[1])
    shown, rest = large_groups(groups)
    assert all(number >= SMALLEST_GROUP for _name, number in shown)
    assert is_told(rest) or not shown
    assert sum(number for _name, number in shown) + rest == sum(numbers)
