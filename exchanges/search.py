"""What the search over everything asks of exchange offers; the list finds the same rows."""

from exchanges.filters import SEARCHED
from exchanges.models import Offer
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Offer.objects.visible_to(user), text, **SEARCHED)
