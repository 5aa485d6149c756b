"""What the search over everything asks of institutions and people; the lists find the same rows."""

from members.filters import SEARCHED
from members.models import Institution, Person
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Institution.objects.visible_to(user), text, **SEARCHED)


def people_matching(text: str, user) -> Match:
    return match(Person.objects.visible_to(user), text)
