from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.proposal import Proposal
from toolkit.history import track


@track(exclude=["feedback"])
class Decision(models.Model):
    """What is to become of a proposal: seen by the officers alone until all of a call are applied and announced together."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accept")
        CHANGES = "changes", _("accept with changes")
        REVISE = "revise", _("ask to revise")
        RESERVE = "reserve", _("put on the reserve list")
        REJECTED = "rejected", _("do not accept")

    proposal = models.OneToOneField(Proposal, models.CASCADE, related_name="decision", verbose_name=_("proposal"))
    outcome = models.CharField(_("decision"), max_length=10, choices=Outcome)
    feedback = models.TextField(_("feedback to the applicant"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("written"), db_default=Now())
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")

    def __str__(self) -> str:
        return f"{self.proposal}: {self.get_outcome_display()}"
