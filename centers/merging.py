"""What becomes of the parts of institutions in centers when two records of one institution become one."""

from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare

declare(
    "centers.CenterInstitution", "institution", Move(_("parts in centers"), "center__name", same=("center", "role"))
)
