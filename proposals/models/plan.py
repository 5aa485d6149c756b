from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.partner import Partner
from proposals.models.proposal import Proposal


class TeamMember(models.Model):
    """Who does the work, as the lead person writes it; no account is needed for it."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="team", verbose_name=_("proposal"))
    partner = models.ForeignKey(Partner, models.CASCADE, related_name="team", verbose_name=_("institution"))
    name = models.CharField(_("name"), max_length=200)
    task = models.CharField(_("task in the work"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class WorkPackage(models.Model):
    """A piece of the work with its dates, done under one of the institutions."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="work_packages", verbose_name=_("proposal"))
    partner = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="work_packages", verbose_name=_("led by")
    )
    title = models.CharField(_("title"), max_length=200)
    result = models.TextField(_("result"), blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("work package")
        verbose_name_plural = _("work packages")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="workpackage_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("It cannot end before it starts."),
            )
        ]

    def __str__(self) -> str:
        return self.title
