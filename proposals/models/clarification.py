from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.proposal import Proposal


class Clarification(models.Model):
    """What an officer asks about a submitted proposal, and what its people answer. It changes nothing of what was submitted."""

    is_confidential = True  # see accounts.access.about_hidden

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="clarifications", verbose_name=_("proposal"))
    question = models.TextField(_("question"), max_length=4000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    answer = models.TextField(_("answer"), max_length=8000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about a proposal")
        verbose_name_plural = _("questions about proposals")
        ordering = ["proposal", "asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="clarification_answered_has_instant", condition=Q(answer="") | Q(answered_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.question[:80]
