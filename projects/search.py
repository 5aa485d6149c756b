"""What the search over everything asks of projects; the list finds the same rows."""

from projects.filters import SEARCHED
from projects.models import Project
from toolkit.listing import Match, match


def matching(text: str, user) -> Match:
    return match(Project.objects.visible_to(user), text, **SEARCHED)
