"""What becomes of the offers of institutions when two records of one institution become one."""

from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare

declare("exchanges.Offer", "institution", Move(_("exchange offers"), "title"))
