"""How many guests a host takes at the same time, and whether a stay is one too many."""

from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from exchanges.models import HostCapacity, Stay
from members.models import Institution


@transaction.atomic
def set_capacity(*, institution: Institution, guests: int | None, by: User) -> None:
    """Nothing: there is no limit beyond the places of the offers."""
    demand(by, "act", institution, _("The people of the institution can do this."))
    if guests is None:
        HostCapacity.objects.filter(institution=institution).delete()
        return
    HostCapacity.objects.update_or_create(institution=institution, defaults={"guests": guests})


class Crowd(NamedTuple):
    """On the fullest day of a stay: how many guests there would be with it, and for how many there is room."""

    guests: int
    room: int


def crowd_at(stay: Stay) -> Crowd | None:
    """Where the stay is one too many for its host; nothing where it fits, or the host has named no limit."""
    if not (stay.starts_on and stay.ends_on):
        return None
    room = HostCapacity.objects.filter(institution=stay.host_id).values_list("guests", flat=True).first()
    if room is None:
        return None
    there = list(
        Stay.objects.guests_of(stay.host_id, stay.starts_on, stay.ends_on)
        .exclude(pk=stay.pk)
        .values_list("starts_on", "ends_on")
    )
    # The number rises only when somebody arrives, so the fullest day is one of these.
    arrivals = {max(first, stay.starts_on) for first, _last in there}
    most = max((sum(first <= day <= last for first, last in there) for day in arrivals), default=0)
    return Crowd(most + 1, room) if most + 1 > room else None
