"""What becomes of the offers of institutions when two records of one institution become one."""

from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare

declare("exchanges.Offer", "institution", Move(_("exchange offers"), "title"))
declare("exchanges.HostCapacity", "institution", Move(_("room for guests"), "guests"))
declare("exchanges.Stay", "home", Move(_("stays of own people"), "offer__title"))
declare("exchanges.Stay", "host", Move(_("stays of guests"), "offer__title"))
