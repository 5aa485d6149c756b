from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.call import Call
from proposals.models.proposal import Proposal


class Circular(models.Model):
    """What an officer writes to the applicants of a call whose proposals stand in some states. Held until it is released."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="circulars", verbose_name=_("call"))
    states = ArrayField(
        models.CharField(max_length=10, choices=Proposal.State),
        verbose_name=_("to the applicants of proposals that are"),
    )
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"), max_length=8000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written"), db_default=Now())
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("released by"),
    )
    reached = models.PositiveIntegerField(_("people written to"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to applicants")
        verbose_name_plural = _("letters to applicants")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="circular_released_is_counted",
                condition=Q(released_at__isnull=True, reached__isnull=True)
                | Q(released_at__isnull=False, reached__isnull=False),
            ),
            models.CheckConstraint(
                name="circular_goes_to_somebody",
                condition=Q(states__len__gt=0),
                violation_error_message=_("Choose at least one state."),
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return self.call.get_absolute_url()

    @property
    def states_shown(self) -> list[str]:
        return [str(Proposal.State(state).label) for state in self.states]
