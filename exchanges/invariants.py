"""What must be true of exchanges: what approved stays hold is what their offers and programmes have counted."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, Q, Sum

from exchanges.models import Offer, Programme, Stay
from toolkit.invariants import invariant

HOLDING = Q(stays__state__in=Stay.COMMITTED)


@invariant("An offer has counted the places that its approved stays hold.")
def offers_count_their_stays() -> Iterator[str]:
    for offer in Offer.objects.annotate(held=Count("stays", filter=HOLDING)).only("slug", "places_taken"):
        if offer.held != offer.places_taken:
            yield f"offer {offer.pk}: {offer.places_taken} counted, {offer.held} held"


@invariant("A programme has counted the stays and the money that its approved stays hold.")
def programmes_count_their_stays() -> Iterator[str]:
    holding = Q(offers__stays__state__in=Stay.COMMITTED)
    rows = Programme.objects.annotate(
        held=Count("offers__stays", filter=holding), money=Sum("offers__stays__asks", filter=holding)
    )
    for programme in rows:
        held, money = programme.held, programme.money or Decimal(0)
        if (held, money) != (programme.seats_taken, programme.budget_taken):
            yield (
                f"programme {programme.pk}: {programme.seats_taken} stays and {programme.budget_taken} counted,"
                f" {held} and {money} held"
            )


@invariant("A stay beyond its application has the yes of home and host.")
def stays_are_agreed() -> Iterator[str]:
    beyond = [Stay.State.AGREED, *Stay.COMMITTED]
    agreed = Count("acts", filter=Q(acts__agrees=True))
    for stay in Stay.objects.filter(state__in=beyond).annotate(agreed=agreed).exclude(agreed=2):
        yield f"stay {stay.pk}: {stay.agreed} of 2"


@invariant("A stay that is scheduled or later has a letter in force, until it is cancelled.")
def stays_have_letters() -> Iterator[str]:
    scheduled = [Stay.State.SCHEDULED, *Stay.WENT]
    in_force = Count("letters", filter=Q(letters__revoked_at__isnull=True))
    for stay in Stay.objects.filter(state__in=scheduled).annotate(in_force=in_force).exclude(in_force=1):
        yield f"stay {stay.pk}: {stay.in_force} letters in force"
