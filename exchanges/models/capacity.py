from django.db import models
from django.db.models import CheckConstraint, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from toolkit.history import track


@track()
class HostCapacity(models.Model):
    """How many guests a host can take at the same time, whatever its offers say. Without a row nobody has said it."""

    institution = models.OneToOneField(
        Institution, models.CASCADE, related_name="host_capacity", verbose_name=_("host institution")
    )
    guests = models.PositiveSmallIntegerField(_("guests at the same time"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("capacity of a host")
        verbose_name_plural = _("capacities of hosts")
        ordering = ["institution"]
        constraints = [
            CheckConstraint(
                name="hostcapacity_takes_somebody",
                condition=Q(guests__gte=1),
                violation_error_message=_("At least one guest; or leave it empty."),
            )
        ]

    def __str__(self) -> str:
        return str(self.institution)
