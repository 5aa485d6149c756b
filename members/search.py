"""What the search over everything asks of institutions and people; the lists find the same rows. And which institution
somebody means by a name."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from members.filters import SEARCHED
from members.models import Institution, InstitutionIdentifier, InstitutionName, Person
from toolkit.listing import Match, match
from toolkit.names import find_identifier, fold, skeleton
from toolkit.templatetags.portal import language_name

MEANT = 10


def matching(text: str, user) -> Match:
    return match(Institution.objects.visible_to(user), text, **SEARCHED)


def people_matching(text: str, user) -> Match:
    return match(Person.objects.visible_to(user), text)


class Meant(NamedTuple):
    """An institution that may be meant by a text, and why; `certain` where it is named in so many words."""

    institution: Institution
    why: str
    certain: bool = False


def institutions_meant(text: str, user, limit: int = MEANT) -> list[Meant]:
    """By its ROR id, a name in any language, a name that looks the same, its acronym, or words of its names, in this order.

    Three statements at most. Institutions come with their standing and country.
    """
    rows = Institution.objects.visible_to(user).with_standing()
    shown = rows.only("slug", "name", "acronym", "kind", "record_status", "city", "country_id", "ror")
    identifier = find_identifier(text)
    if identifier and identifier[0] == "ror":
        return [Meant(one, _("This is its ROR id."), True) for one in shown.filter(pk__in=_by_ror(identifier[1]))]
    found: dict[int, Meant] = {}
    named = _by_name(text)
    for one in shown.filter(pk__in=named) if named else ():
        found[one.pk] = Meant(one, *named[one.pk])
    result = matching(text, user)
    ranked = shown.filter(result.condition).annotate(rank=result.rank).order_by("-rank", "pk")
    for one in ranked[:limit]:
        found.setdefault(one.pk, Meant(one, *_why(one, text, result.close)))
    return sorted(found.values(), key=lambda meant: not meant.certain)[:limit]


def _by_ror(ror: str) -> list[int]:
    own = Institution.objects.filter(ror=ror).order_by().values("pk")
    further = InstitutionIdentifier.objects.filter(scheme=InstitutionIdentifier.Scheme.ROR, value=ror)
    return list(own.union(further.order_by().values("institution")).values_list("pk", flat=True))


def _by_name(text: str) -> dict[int, tuple[str, bool]]:
    key = skeleton(text)
    rows = InstitutionName.objects.filter(skeleton=key).order_by("pk") if key else InstitutionName.objects.none()
    found: dict[int, tuple[str, bool]] = {}
    for institution, value, language in rows.values_list("institution", "value", "language"):
        if fold(value) == fold(text):
            said = _("This is its name in %(language)s.") % {"language": language_name(language)}
            found[institution] = (said if language else _("This is its name."), True)
        else:
            found.setdefault(institution, (_("Its name “%(name)s” looks the same.") % {"name": value}, False))
    return found


def _why(institution: Institution, text: str, close: bool) -> tuple[str, bool]:
    if institution.acronym and fold(institution.acronym) == fold(text):
        return _("This is its acronym."), False
    if close:
        return _("One of its names is similar."), False
    return _("Its names hold these words."), False
