"""What the search over everything asks of calls; the list finds the same rows."""

from proposals.filters import SEARCHED
from proposals.models import Call
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Call.objects.visible_to(user), text, **SEARCHED)
