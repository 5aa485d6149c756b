"""What a record of the registry may lack, as conditions on institutions."""

from collections.abc import Callable

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from members.models.confirmation import InstitutionConfirmation
from members.models.institution import Institution, InstitutionIdentifier, InstitutionName
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
    return ~Q(pk__in=InstitutionConfirmation.objects.fresh().values("institution"))


def looks_like_another() -> Q:
    """A name that looks the same, or an identifier that two should not share."""
    names = shared(InstitutionName.objects.exclude(skeleton=""), "skeleton")
    identifiers = InstitutionIdentifier.objects.exclude(scheme=InstitutionIdentifier.Scheme.FUNDREF)
    values = shared(identifiers, "value")
    alike = InstitutionName.objects.filter(skeleton__in=names).order_by().values("institution")
    same = identifiers.filter(value__in=values).order_by().values("institution")
    return Q(pk__in=alike) | Q(pk__in=same)


def has_website_of_another() -> Q:
    sites = Institution.objects.exclude(website_key="").order_by().values("website_key")
    return Q(website_key__in=sites.annotate(records=Count("pk")).filter(records__gt=1).values("website_key"))


def shared(rows: QuerySet, name: str) -> QuerySet:
    """Values that stand with more than one institution."""
    counted = rows.order_by().values(name).annotate(records=Count("institution", distinct=True))
    return counted.filter(records__gt=1).values(name)


CONDITIONS: dict[str, Callable[[], Q]] = {
    "focal-point": lacks_focal_point,
    "confirmation": lacks_confirmation,
    "place": lacks_place,
    "ror": lacks_ror,
    "double": looks_like_another,
    "website": has_website_of_another,
}
