"""Faults in stays, each of which one invariant finds: see tests/anso_portal/test_invariants.py."""

import datetime

from django.utils import timezone

from exchanges.models import Stay, StayAct
from tests.factories import InstitutionFactory, OfferFactory, ProgrammeFactory, UserFactory

TODAY = datetime.date.today()


def stay(institution, state: str) -> Stay:
    return Stay.objects.create(
        offer=OfferFactory(institution=institution, open=True, programme=ProgrammeFactory(), places=5),
        applicant=UserFactory(),
        home=InstitutionFactory(),
        host=institution,
        starts_on=TODAY,
        ends_on=TODAY,
        state=state,
        submitted_at=timezone.now(),
    )


def spoil_places(institution):
    OfferFactory(institution=institution, open=True, places=5, places_taken=2)


def spoil_seats(institution):
    ProgrammeFactory(seats_taken=2)


def spoil_agreement(institution):
    StayAct.objects.create(stay=stay(institution, "agreed"), kind="home", agrees=True)


def spoil_letter(institution):
    stay(institution, "scheduled")


FAULTS = {
    spoil_places: "exchanges.offers_count_their_stays",
    spoil_seats: "exchanges.programmes_count_their_stays",
    spoil_agreement: "exchanges.stays_are_agreed",
    spoil_letter: "exchanges.stays_have_letters",
}
