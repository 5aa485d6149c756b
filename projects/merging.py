"""What becomes of the parts of institutions in projects when two records of one institution become one."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare
from projects.models import Participation

# A lead stays lead, whichever of the two records it stood with; the name stays as it was given.
declare(
    "projects.Participation",
    "institution",
    Move(_("parts in projects"), "project__title", better=Q(role=Participation.Role.LEAD)),
)
