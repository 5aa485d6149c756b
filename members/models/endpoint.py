from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution
from notifications.models import Subscriber
from toolkit.history import track


class EndpointQuerySet(VisibleQuerySet):
    def waiting(self):
        return self.filter(subscriber__confirmed_at=None)


@track()
class Endpoint(models.Model):
    """A program of an institution, told when something has changed: a subscriber with an address of its own.

    Nothing is sent before an administrator has approved it (`subscriber.confirmed_at`).
    """

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="endpoints", verbose_name=_("institution")
    )
    subscriber = models.OneToOneField(Subscriber, models.CASCADE, related_name="endpoint", verbose_name=_("subscriber"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    created_at = models.DateTimeField(_("asked"), db_default=Now(), editable=False)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.subscriber.url

    def get_absolute_url(self) -> str:
        """Where the administrators decide on it."""
        return "/desk/endpoints/"
