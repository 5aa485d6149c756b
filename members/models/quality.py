"""What a record of the registry may lack, as conditions on institutions."""

from collections.abc import Callable

from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models.confirmation import HOLDS, InstitutionConfirmation
from members.models.identifier import InstitutionIdentifier
from members.models.institution import Institution, InstitutionName
from members.models.membership import MEMBER_STANDINGS, Membership
from members.models.role import InstitutionRole
from members.permissions import SPEAKERS

GAPS = {
    "focal-point": _("no focal point"),
    "confirmation": _("not confirmed for a year"),
    "place": _("no place"),
    "ror": _("no ROR id"),
    "double": _("looks like another"),
    "website": _("has the website of another"),
}


def latest_confirmation() -> Subquery:
    rows = InstitutionConfirmation.objects.filter(institution=OuterRef("pk")).order_by("-confirmed_at")
    return Subquery(rows.values("confirmed_at")[:1])


def lacks_ror() -> Q:
    return Q(ror__isnull=True)


def lacks_place() -> Q:
    return Q(city="") | Q(latitude__isnull=True)


def lacks_focal_point() -> Q:
    return ~Q(pk__in=InstitutionRole.objects.current().filter(role__in=SPEAKERS).values("institution"))


def lacks_confirmation() -> Q:
    """Members since a year or longer that nobody has confirmed within the year; of partners the alliance asks nothing."""
    members = Membership.objects.in_force().filter(standing__in=MEMBER_STANDINGS, starts_on__lte=Now() - HOLDS)
    fresh = InstitutionConfirmation.objects.fresh()
    return Q(pk__in=members.values("institution")) & ~Q(pk__in=fresh.values("institution"))


def look_alikes() -> QuerySet:
    """Keys of those with a name that looks the same as another's, or an identifier that two should not share."""
    names = InstitutionName.objects.exclude(skeleton="")
    identifiers = InstitutionIdentifier.objects.exclude(scheme=InstitutionIdentifier.Scheme.FUNDREF)
    alike = names.filter(skeleton__in=shared(names, "skeleton", "institution")).order_by().values("institution")
    same = identifiers.filter(value__in=shared(identifiers, "value", "institution")).order_by().values("institution")
    return alike.union(same)


def website_sharers() -> QuerySet:
    """Keys of those with the website of another."""
    sites = Institution.objects.exclude(website_key="").order_by()
    return sites.filter(website_key__in=shared(sites, "website_key", "pk")).values("pk")


def shared(rows: QuerySet, name: str, owner: str) -> QuerySet:
    """Values that stand with more than one institution: the lowest and the highest number are quicker found than all."""
    numbers = rows.order_by().values(name).annotate(lowest=Min(owner), highest=Max(owner))
    return numbers.filter(lowest__lt=F("highest")).values(name)


CONDITIONS: dict[str, Callable[[], Q]] = {
    "focal-point": lacks_focal_point,
    "confirmation": lacks_confirmation,
    "place": lacks_place,
    "ror": lacks_ror,
}
# These go through all names and websites, so a page asks for them once and hands the keys on.
DOUBLES: dict[str, Callable[[], QuerySet]] = {"double": look_alikes, "website": website_sharers}
