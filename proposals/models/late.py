from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.call import Call
from proposals.models.proposal import Proposal
from toolkit.history import track


@track(exclude=["note", "code_hash"])
class LateCode(models.Model):
    """Lets one proposal be submitted after the call has closed, until an instant. The code itself is kept as its SHA-256."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="late_codes", verbose_name=_("call"))
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    until = models.DateTimeField(_("until"))
    note = models.CharField(_("for whom and why"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("given by")
    )
    made_at = models.DateTimeField(_("made"), db_default=Now())
    proposal = models.OneToOneField(
        Proposal, models.SET_NULL, null=True, blank=True, related_name="late_code", verbose_name=_("used by")
    )
    used_at = models.DateTimeField(_("used"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("late code")
        verbose_name_plural = _("late codes")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="latecode_used_has_instant", condition=Q(proposal__isnull=True) | Q(used_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.note
