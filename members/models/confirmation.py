"""That the record of an institution is still right: asked once a year, and said by its people."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution
from toolkit.history import track

HOLDS = timedelta(days=365)  # how long a confirmation is fresh
REMIND_AFTER = timedelta(days=30)


class ConfirmationQuerySet(VisibleQuerySet):
    def fresh(self):
        return self.filter(confirmed_at__gt=Now() - HOLDS)


@track()
class InstitutionConfirmation(models.Model):
    """Somebody who speaks for the institution has read its record and found it right."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="confirmations", verbose_name=_("institution")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), db_default=Now())

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation of a record")
        verbose_name_plural = _("confirmations of records")
        ordering = ["-confirmed_at", "-pk"]
        indexes = [models.Index(fields=["institution", "-confirmed_at"], name="confirmation_latest")]

    def __str__(self) -> str:
        return str(self.institution)


class ConfirmationRequestQuerySet(VisibleQuerySet):
    def unanswered(self):
        """Asked within the year, and nobody has confirmed since."""
        answers = InstitutionConfirmation.objects.filter(
            institution=models.OuterRef("institution"), confirmed_at__gte=models.OuterRef("asked_at")
        )
        return self.filter(~models.Exists(answers), asked_at__gt=Now() - HOLDS)


class ConfirmationRequest(models.Model):
    """The people of an institution were asked whether its record is still right; once a year, and reminded once."""

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="confirmation_requests", verbose_name=_("institution")
    )
    year = models.SmallIntegerField(_("year"))
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True)

    objects = ConfirmationRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to confirm a record")
        verbose_name_plural = _("requests to confirm records")
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["institution", "year"], name="confirmationrequest_once_a_year")]

    def __str__(self) -> str:
        return f"{self.institution}, {self.year}"
