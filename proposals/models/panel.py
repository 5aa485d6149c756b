from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.call import Call
from proposals.models.proposal import Proposal
from toolkit.history import track


@track(exclude=["place", "minutes"])
class Panel(models.Model):
    """The meeting that ranks the proposals of a call. Once it is locked, neither ranks nor minutes change: a trigger holds it."""

    call = models.OneToOneField(Call, models.CASCADE, related_name="panel", verbose_name=_("call"))
    held_on = models.DateField(_("held on"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    minutes = models.TextField(_("minutes"), blank=True, help_text=_("Markdown."))
    locked_at = models.DateTimeField(_("locked"), null=True, blank=True, editable=False)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("locked by"),
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("panel meeting")
        verbose_name_plural = _("panel meetings")
        constraints = [
            models.CheckConstraint(
                name="panel_locked_has_day",
                condition=Q(locked_at__isnull=True) | Q(held_on__isnull=False),
                violation_error_message=_("Say when the panel met."),
            )
        ]

    def __str__(self) -> str:
        return str(self.call)


@track(exclude=["note"])
class Rank(models.Model):
    """The place of a proposal as the panel sees it, 1 the best."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="ranks", verbose_name=_("panel meeting"))
    proposal = models.OneToOneField(Proposal, models.CASCADE, related_name="rank", verbose_name=_("proposal"))
    place = models.PositiveSmallIntegerField(_("place"))
    note = models.TextField(_("note"), blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in the ranking")
        verbose_name_plural = _("places in the ranking")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["panel", "place"], name="rank_place_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="rank_place_from_one", condition=Q(place__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.proposal}"
