"""What people write to each other through the portal. Nothing here keeps field history, and old messages go as a whole."""

import datetime
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet

KEPT_FOR = datetime.timedelta(days=180)


def name_of(user) -> str:
    """What others are told of somebody; never an address, which stands in for a missing name elsewhere."""
    person = getattr(user, "person", None)
    return (person.name if person else "") or (user.name if user else "") or _now("Somebody without a name")


class MessageQuerySet(VisibleQuerySet):
    def received_by(self, user):
        return self.filter(recipient=user, withheld=False)

    def with_people(self):
        return self.select_related("sender__person", "recipient__person")

    def unsettled(self):
        return self.filter(settled_at__isnull=True)

    def reported(self):
        """Those that wait for an officer."""
        return self.filter(reported_at__isnull=False, handled_at__isnull=True)

    def outdated(self):
        """Older than they are kept, but for those that an officer has yet to look at."""
        return self.filter(sent_at__lt=Now() - KEPT_FOR).exclude(reported_at__isnull=False, handled_at__isnull=True)


class Message(models.Model):
    """From one account to another; neither sees the other's address. A withheld one is seen by its sender alone."""

    key = models.UUIDField(_("key"), unique=True, default=uuid.uuid4, editable=False)
    token = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="Of the form: sent twice, it is one message."
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="sent_messages", verbose_name=_("from")
    )
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="received_messages", verbose_name=_("to")
    )
    reply_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="replies", verbose_name=_("answer to")
    )
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("message"), max_length=5000)
    shows_address = models.BooleanField(_("answer by mail"), default=False)
    withheld = models.BooleanField(_("withheld"), default=False)
    sent_at = models.DateTimeField(_("sent"), db_default=Now())
    settled_at = models.DateTimeField(_("answered or put aside"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    report_reason = models.TextField(_("why it was reported"), max_length=1000, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("handled by")
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="message_received"),
            models.Index(fields=["sender", "-id"], name="message_sent"),
            models.Index(
                fields=["reported_at"],
                condition=Q(reported_at__isnull=False, handled_at__isnull=True),
                name="message_reported",
            ),
            models.Index(fields=["sent_at"], name="message_age"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sender", "token"], name="message_once"),
            models.CheckConstraint(
                name="message_to_somebody_else",
                condition=~Q(sender=F("recipient")),
                violation_error_message=_("Nobody writes to themselves."),
            ),
            models.CheckConstraint(
                name="message_handled_was_reported",
                condition=Q(handled_at__isnull=True) | Q(reported_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/desk/messages/{self.key}/"

    @property
    def sender_name(self) -> str:
        return name_of(self.sender)

    @property
    def recipient_name(self) -> str:
        return name_of(self.recipient)


class MessageBlock(models.Model):
    """Somebody wants no messages from somebody else; without `blocker`, the secretariat has stopped all of them."""

    blocker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="message_blocks",
        verbose_name=_("for"),
    )
    blocked = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks_against", verbose_name=_("whose messages")
    )
    since = models.DateTimeField(_("since"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("stopped sender")
        verbose_name_plural = _("stopped senders")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], nulls_distinct=False, name="messageblock_once"),
            models.CheckConstraint(
                name="messageblock_not_oneself", condition=Q(blocker__isnull=True) | ~Q(blocker=F("blocked"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def blocked_name(self) -> str:
        return name_of(self.blocked)
