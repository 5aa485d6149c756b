from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet


class StepQuerySet(VisibleQuerySet):
    def of(self, obj: models.Model):
        """The history of one record, oldest first."""
        return self.filter(object_label=obj._meta.label_lower, object_id=str(obj.pk)).order_by("pk")


class Step(models.Model):
    """One move that happened. It names its record by label and key, so that it outlives it."""

    object_label = models.CharField(_("model"), max_length=100)
    object_id = models.CharField(_("number"), max_length=64)
    field = models.CharField(_("field"), max_length=60)
    source = models.CharField(_("from"), max_length=60)
    target = models.CharField(_("to"), max_length=60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    reason = models.TextField(_("reason"), blank=True)
    at = models.DateTimeField(_("at"), db_default=Now())

    objects = StepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["object_label", "object_id", "id"], name="step_by_object")]

    def __str__(self) -> str:
        return f"{self.object_label} {self.object_id}: {self.source} → {self.target}"
