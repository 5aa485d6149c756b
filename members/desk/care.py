"""What waits around the quality of records: confirm them once a year, mend what they lack."""

import datetime

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.permissions import ADMINISTRATOR, has_role, is_secretariat
from members.models import ConfirmationRequest, Institution
from members.models.quality import GAPS, lacks_place, lacks_ror
from members.permissions import speaking_for
from toolkit.desk import Item, Place, oldest


def items(user) -> list[Item]:
    return [*to_confirm(user), *to_mend(user)]


def places(user) -> list[Place]:
    office = [Place(_("Care of the registry"), reverse("members:registry"))] if is_secretariat(user) else []
    if has_role(user, ADMINISTRATOR):
        office.append(Place(_("Programs that are told"), reverse("members:endpoints_waiting")))
    return office


def to_confirm(user) -> list[Item]:
    """The yearly question, for those who may answer it, until one of them has."""
    kind = _("is this still right?")
    asked = ConfirmationRequest.objects.unanswered().filter(institution__in=speaking_for(user))
    return oldest(
        asked.select_related("institution").order_by("asked_at", "pk"),
        lambda row: Item(
            row.asked_at, kind, row.institution.name, reverse("members:confirm", args=[row.institution.slug])
        ),
        url=reverse("anso_portal:desk"),
    )


def to_mend(user) -> list[Item]:
    """What the records lack for which this person speaks; it waits since that began."""
    if user.is_anonymous:
        return []
    own = Institution.objects.active().filter(Q(pk__in=speaking_for(user)), lacks_place() | lacks_ror())
    own = own.filter(roles__user=user).annotate(since=Min("roles__starts_on")).order_by("since", "pk")
    items = []
    for institution in own.only("name", "slug", "city", "latitude", "ror"):
        since = datetime.datetime.combine(institution.since, datetime.time(), tzinfo=datetime.UTC)
        items += [
            Item(since, str(GAPS[gap]), institution.name, address) for gap, address in gaps_of(institution).items()
        ]
    return items


def gaps_of(institution: Institution) -> dict[str, str]:
    """Each with where it is mended: the people of the institution change its place, and tell the officers its ROR id."""
    found = {}
    if not institution.city or institution.latitude is None:
        found["place"] = reverse("members:part", args=[institution.slug, "place"])
    if institution.ror is None:
        about = urlencode({"about": institution.get_absolute_url()})
        found["ror"] = f"{reverse('anso_portal:report')}?{about}"
    return found
