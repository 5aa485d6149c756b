"""What becomes of the parts of institutions in proposals when two records of one institution become one."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare
from proposals.models import Partner

declare("proposals.InstitutionRequest", "institution", Move(_("requests of applicants"), "name", personal=True))
declare(
    "proposals.Partner",
    "institution",
    Move(_("parts in proposals"), "proposal__title", better=Q(role=Partner.Role.LEAD)),
)
