"""What the search over everything asks of centers; the list finds the same rows."""

from centers.filters import SEARCHED
from centers.models import Center
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Center.objects.visible_to(user), text, **SEARCHED)
