import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from toolkit.web import WebAddress, opens_a_page


def new_token() -> str:
    return secrets.token_urlsafe(24)


class SubscriberQuerySet(VisibleQuerySet):
    def of_users(self, users):
        """The subscribers of these users, made where they are missing; in no particular order."""
        # By key, since a row that is there already leaves the new instance unsaved; it must not hang on the user.
        self.bulk_create([self.model(user_id=user.pk) for user in users], ignore_conflicts=True)
        return self.filter(user__in=users)


class Subscriber(models.Model):
    """Whom we tell: a user, a confirmed e-mail address alone, or a program of an institution at its `url`.

    A user's address, language and time zone stand in the account; here they are only for an address alone. A program is
    told when it is confirmed, that is, approved; its secret is kept sealed.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="subscriber",
        verbose_name=_("user"),
    )
    address = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    url = WebAddress(_("address of a program"), max_length=254, blank=True, db_default="", default="")
    secret = models.TextField(blank=True, db_default="", default="", editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    quiet_from = models.TimeField(_("no e-mail from"), null=True, blank=True)
    quiet_until = models.TimeField(_("no e-mail until"), null=True, blank=True)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    calendar_token = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    refused_address = models.EmailField(_("refused address"), max_length=254, blank=True, editable=False)
    refused_at = models.DateTimeField(_("refused"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["pk"]
        constraints = [
            opens_a_page("url", name="subscriber_url_opens_a_page"),
            models.CheckConstraint(
                name="subscriber_is_user_or_address",
                condition=Q(user__isnull=False, address="", url="")
                | (Q(user__isnull=True) & (~Q(address="") & Q(url="") | Q(address="") & ~Q(url="") & ~Q(secret=""))),
                violation_error_message=_("A subscriber is a user, an e-mail address alone, or a program."),
            ),
            models.CheckConstraint(
                name="subscriber_quiet_hours_are_two",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=models.F("quiet_until"))),
                violation_error_message=_("Quiet hours have a beginning and another end, or neither."),
            ),
            models.UniqueConstraint(
                Lower("address"),
                condition=Q(user__isnull=True, url=""),
                name="subscriber_address_once",
                violation_error_message=_("This address is subscribed already."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user_id else self.address or self.url

    @property
    def current_address(self) -> str:
        return self.user.email if self.user else self.address or self.url

    @property
    def current_language(self) -> str:
        return (self.user.language if self.user else self.language) or settings.LANGUAGE_CODE

    @property
    def current_time_zone(self) -> str:
        return (self.user.time_zone if self.user else self.time_zone) or settings.TIME_ZONE

    @property
    def is_refused(self) -> bool:
        """The mail server said no to the address as it is now; a changed address starts clean."""
        return bool(self.refused_address) and self.refused_address.lower() == self.current_address.lower()


class Follow(models.Model):
    """A subscriber wants to hear of a topic, such as `country:PK`. Label and address are those of the day it began."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="follows", verbose_name=_("subscriber"))
    topic = models.CharField(_("topic"), max_length=100)
    label = models.CharField(_("name"), max_length=300)
    address = models.CharField(_("address"), max_length=300)
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        ordering = ["label", "pk"]
        indexes = [models.Index(fields=["topic", "subscriber"], name="follow_by_topic")]
        constraints = [models.UniqueConstraint(fields=["subscriber", "topic"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.label}"


class Preference(models.Model):
    """How a subscriber wants an area of events, such as `calls`, or one kind, such as `call.opened`, which counts first.

    Without a row: in the inbox, and by mail in the rhythm of the kind. The inbox knows only at once and never.
    """

    class Rhythm(models.TextChoices):
        NOW = "now", _("at once")
        DAILY = "daily", _("once a day")
        WEEKLY = "weekly", _("once a week")
        OFF = "off", _("never")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        INBOX = "inbox", _("inbox")

    COLLECTED = (Rhythm.DAILY, Rhythm.WEEKLY)

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="preferences", verbose_name=_("subscriber"))
    about = models.CharField(_("about"), max_length=60)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL)
    rhythm = models.CharField(_("rhythm"), max_length=10, choices=Rhythm, default=Rhythm.OFF)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "about", "channel"], name="preference_once"),
            models.CheckConstraint(
                name="preference_inbox_is_now_or_never",
                condition=Q(channel="email") | Q(channel="inbox", rhythm__in=["now", "off"]),
            ),
            models.CheckConstraint(
                name="preference_rhythm_known", condition=Q(rhythm__in=["now", "daily", "weekly", "off"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber}: {self.about} {self.channel} {self.rhythm}"
