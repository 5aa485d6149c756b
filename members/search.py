"""What the search over everything asks of institutions; the list finds the same rows."""

from members.filters import SEARCHED
from members.models import Institution
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Institution.objects.visible_to(user), text, **SEARCHED)
