from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from projects.models.project import Project
from toolkit.history import track


@track(exclude=["number", "note", "currency"])
class Grant(models.Model):
    """The agreement by which the alliance pays for a project. What it says in other currencies is not converted."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="grant", verbose_name=_("project"))
    number = models.CharField(_("number of the agreement"), max_length=60)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant agreement")
        verbose_name_plural = _("grant agreements")
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                name="grant_number_once",
                violation_error_message=_("Another agreement has this number."),
            ),
            models.CheckConstraint(
                name="grant_amount_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("An amount must be more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.number


@track(exclude=["condition"])
class Instalment(models.Model):
    """A part of a grant: when it is to be paid and for what, and the day on which it was."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="instalments", verbose_name=_("grant agreement"))
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    condition = models.CharField(_("condition"), max_length=200, blank=True)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="instalment_amount_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("An amount must be more than zero."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {self.amount}"
