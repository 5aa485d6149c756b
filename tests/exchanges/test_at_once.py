"""Two real transactions at the same time: the last place is given once, and a letter has one number."""

import pytest
from django.core.exceptions import ValidationError

from exchanges.actions.letters import issue_letter
from exchanges.actions.stays import answer_stay, approve_stay, cancel_stay
from exchanges.models import InvitationLetter, Offer, Programme, Stay
from tests.at_once import at_once
from tests.exchanges.acts import agreed, approved, submitted
from tests.factories import UserFactory
from workflow.models import Step

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> list[str]:
    return sorted(Stay.objects.values_list("state", flat=True))


def test_last_place_is_given_to_one_of_four(offer, home, speakers, officer):
    Offer.objects.update(places=1)
    stays = [agreed(offer, home, speakers) for _n in range(4)]
    results = at_once(*[lambda one=one: approve_stay(stay=one, by=officer) for one in stays], told=(ValidationError,))

    assert sorted(getattr(result, "code", "approved") for result in results) == ["approved", "full", "full", "full"]
    assert states() == ["agreed", "agreed", "agreed", "approved"]
    assert (Offer.objects.get().places_taken, Programme.objects.get().seats_taken) == (1, 1)


def test_two_officers_approve_one_stay_once(offer, home, speakers, officer):
    stay, other = agreed(offer, home, speakers), UserFactory(roles=["officer"])
    at_once(*[lambda by=by: approve_stay(stay=stay, by=by) for by in (officer, other)], told=(ValidationError,))
    assert Offer.objects.get().places_taken == 1
    assert Step.objects.filter(target="approved").count() == 1


def test_home_and_host_who_answer_at_once_move_it_once(offer, home, speakers):
    stay = submitted(offer, home)
    at_once(
        *[
            lambda kind=kind: answer_stay(stay=stay, kind=kind, agrees=True, by=speakers[kind])
            for kind in ("home", "host")
        ],
        told=(ValidationError,),
    )
    assert states() == ["agreed"]
    assert Step.objects.filter(target="agreed").count() == 1


def test_place_that_is_given_back_twice_is_free_once(offer, home, speakers, officer):
    stay, other = (approved(offer, home, speakers, officer) for _n in range(2))
    at_once(
        *[lambda: cancel_stay(stay=stay, by=officer, reason="No road.") for _n in range(2)], told=(ValidationError,)
    )
    assert Offer.objects.get().places_taken == 1
    assert Stay.objects.get(pk=other.pk).state == "approved"


def test_letters_issued_at_once_follow_one_another(offer, home, speakers, officer):
    stays = [approved(offer, home, speakers, officer) for _n in range(2)]
    at_once(
        *[lambda one=one: issue_letter(stay=one, by=speakers["host"]) for one in stays * 2], told=(ValidationError,)
    )
    assert sorted(InvitationLetter.objects.values_list("serial", flat=True)) == [1, 2]
