from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from toolkit.history import track


@track()
class KindText(models.Model):
    """The alliance's own words for a kind of event in a language, in the place of those of the code."""

    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=12, choices=settings.LANGUAGES)
    subject = models.CharField(_("line in inbox and mail"), max_length=200)
    sentence = models.TextField(_("first sentence of the mail"), max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    changed_at = models.DateTimeField(_("changed"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("text of a kind of event")
        verbose_name_plural = _("texts of kinds of events")
        ordering = ["kind", "language"]
        constraints = [models.UniqueConstraint(fields=["kind", "language"], name="kindtext_once")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.language})"


@track()
class HeldKind(models.Model):
    """A kind of events whose mail waits until an officer releases it."""

    kind = models.CharField(_("kind"), max_length=60, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("held by")
    )
    since = models.DateTimeField(_("since"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind whose mail is held")
        verbose_name_plural = _("kinds whose mail is held")
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.kind
