from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from notifications import kinds
from notifications.models.subscriber import Preference


class Event(models.Model):
    """Something happened. Its facts are frozen: what is told later is what was true then."""

    kind = models.CharField(_("kind"), max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    subject_label = models.CharField(_("model"), max_length=100)
    subject_id = models.CharField(_("number"), max_length=64)
    facts = models.JSONField(_("facts"), encoder=DjangoJSONEncoder)
    topics = ArrayField(models.CharField(max_length=100), verbose_name=_("topics"), default=list)
    is_public = models.BooleanField(
        _("public"), db_default=False, default=False, help_text=_("A visitor could see what it is about.")
    )
    created_at = models.DateTimeField(_("at"), db_default=Now(), db_index=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subject_label", "subject_id"], name="event_by_subject"),
            models.Index(fields=["subject_label", "-id"], condition=Q(is_public=True), name="event_public"),
            GinIndex(fields=["topics"], condition=Q(is_public=True), name="event_public_topics"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.facts.get('title', '')}"

    @cached_property
    def headline(self) -> str:
        """One line in the reader's language."""
        return kinds.get(self.kind).headline(self.facts)

    @property
    def address(self) -> str:
        """Site-relative address of the record, or nothing."""
        return self.facts.get("address", "")


DUTY = "duty"  # no topic is named so: they have a colon


class NotificationQuerySet(VisibleQuerySet):
    def of(self, user):
        """What the inbox of this person holds, newest first."""
        return self.filter(subscriber__user=user, in_inbox=True).order_by("-pk")

    def for_list(self):
        return self.select_related("event")

    def because_of(self, topic: str):
        """Of one topic that is followed, or (`duty`) what concerns the reader whatever is followed."""
        return self.filter(topic="" if topic == DUTY else topic)

    def by_topic(self):
        """Why the newest thousand were told: `topic`, its last `reason`, how many there are and how many are `new`."""
        newest = Notification.objects.filter(pk__in=self.values("pk")[:1000]).order_by()
        counted = newest.values("topic").annotate(
            last_reason=models.Max("reason"),
            number=models.Count("pk"),
            new=models.Count("pk", filter=Q(read_at__isnull=True)),
        )
        return counted.order_by("-new", "-number", "topic")

    def unread(self):
        return self.filter(read_at__isnull=True)


class Notification(models.Model):
    """An event told to a subscriber: the item in the inbox, unless it was to come by mail alone.

    It exists once, from the same commit as the event.
    """

    # Indexes below begin with each of these two.
    subscriber = models.ForeignKey(
        "notifications.Subscriber",
        models.CASCADE,
        related_name="notifications",
        verbose_name=_("subscriber"),
        db_index=False,
    )
    event = models.ForeignKey(
        Event, models.CASCADE, related_name="notifications", verbose_name=_("event"), db_index=False
    )
    delivery = models.ForeignKey(
        "notifications.Delivery",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="notifications",
        verbose_name=_("delivery"),
    )  # that tells it: a digest tells several
    topic = models.CharField(_("because of"), max_length=100, blank=True, help_text=_("Empty: a duty, not a follow."))
    reason = models.CharField(_("name of the topic"), max_length=300, blank=True)
    mail = models.CharField(
        _("by e-mail"), max_length=6, choices=Preference.Rhythm, db_default="now", default="now", editable=False
    )  # once a day or a week: while it waits for a digest to take it up
    in_inbox = models.BooleanField(_("in the inbox"), db_default=True, default=True, editable=False)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["subscriber", "-id"], name="notification_inbox"),
            models.Index(fields=["subscriber"], condition=Q(read_at__isnull=True), name="notification_unread"),
            models.Index(fields=["subscriber"], condition=Q(mail__in=["daily", "weekly"]), name="notification_waits"),
        ]
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="notification_once")]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.event}"
