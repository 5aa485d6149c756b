from datetime import timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet

TEXT_KEPT_FOR = timedelta(days=90)  # after which nobody asks any more what a mail said, or sends it again
PATIENCE = timedelta(days=3)  # how long a mail server may keep us waiting before we give up


class DeliveryQuerySet(VisibleQuerySet):
    def due(self):
        return self.filter(state__in=Delivery.WAITING, next_at__lte=Now())

    def outdated(self):
        """Too old to be asked for what they said, and not on their way."""
        on_their_way = (*Delivery.WAITING, Delivery.State.LEASED)
        return self.filter(created_at__lte=Now() - TEXT_KEPT_FOR).exclude(state__in=on_their_way)


class Delivery(models.Model):
    """One message to one address: queue and log in one row. Only `notifications.outbox` moves its state.

    `idem` makes it exist once and `message_id` is fixed with it, so a message sent twice is recognisable as the same.
    Subject and bodies are written at the first claim; a sensitive one stores none and is written anew at each sending.
    A `secret` is kept sealed until it is sent, or until the time after which nobody may use it.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        LEASED = "leased", _("being sent")
        RETRY = "retry", _("trying again")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")
        UNCERTAIN = "uncertain", _("in doubt")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("called off")
        BOUNCED = "bounced", _("came back")
        COMPLAINED = "complained", _("called spam")

    class Phase(models.TextChoices):
        NONE = "", _("before sending")
        DATA = "data", _("handing over")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        WEBHOOK = "webhook", _("webhook")

    WAITING = (State.PENDING, State.RETRY)
    STOPPED = (State.HELD, State.DEAD, State.UNCERTAIN, State.BOUNCED, State.COMPLAINED)  # until somebody looks at them

    subscriber = models.ForeignKey(
        "notifications.Subscriber",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name=_("subscriber"),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, db_default="email", default="email")
    address = models.EmailField(_("to"), max_length=254)
    purpose = models.CharField(_("kind"), max_length=60)
    idem = models.CharField(max_length=64, db_collation="C")  # so that its one index finds beginnings too
    message_id = models.CharField(_("Message-ID"), max_length=300)
    sensitive = models.BooleanField(_("holds a secret"), db_default=False, default=False)
    context = models.JSONField(encoder=DjangoJSONEncoder, db_default=models.Value({}, models.JSONField()), default=dict)
    secret = models.TextField(db_default="", default="", blank=True, editable=False)
    secret_until = models.DateTimeField(null=True, blank=True, editable=False)

    state = models.CharField(_("state"), max_length=10, choices=State, db_default=State.PENDING, default=State.PENDING)
    phase = models.CharField(_("phase"), max_length=4, choices=Phase, db_default="", default="", blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), db_default=0, default=0)
    crashes = models.PositiveIntegerField(_("crashes"), db_default=0, default=0)
    uncertain = models.PositiveIntegerField(_("times in doubt"), db_default=0, default=0)
    next_at = models.DateTimeField(_("due"), db_default=Now())
    give_up_at = models.DateTimeField(_("give up"), db_default=Now() + PATIENCE)
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    owner = models.CharField(_("sender"), max_length=100, db_default="", default="", blank=True)
    last_error = models.TextField(_("last error"), db_default="", default="", blank=True)
    smtp_reply = models.TextField(_("answer of the mail server"), db_default="", default="", blank=True)
    created_at = models.DateTimeField(_("written"), db_default=Now())
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    subject = models.CharField(_("subject"), max_length=300, db_default="", default="", blank=True)
    body_text = models.TextField(_("text"), db_default="", default="", blank=True)
    body_html = models.TextField(_("HTML"), db_default="", default="", blank=True)
    stop_url = models.CharField(max_length=500, db_default="", default="", blank=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-pk"]
        indexes = [
            # For whatever a sender asks for, or it would look through all that wait to find none.
            models.Index(fields=["next_at", "id"], condition=Q(state__in=["pending", "retry"]), name="delivery_due"),
            models.Index(
                fields=["next_at", "id"],
                condition=Q(state__in=["pending", "retry"], channel="webhook"),
                name="delivery_due_webhook",
            ),
            models.Index(
                fields=["next_at", "id"],
                condition=Q(state__in=["pending", "retry"], crashes__gt=0),
                name="delivery_due_crashed",
            ),
            BrinIndex(fields=["created_at"], name="delivery_written"),
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=["held", "dead", "uncertain", "bounced", "complained"]),
                name="delivery_stopped",
            ),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="delivery_leased"),
            models.Index(fields=["secret_until"], condition=~Q(secret=""), name="delivery_secret"),
        ]
        constraints = [
            # Not `unique=True`, which makes a second index for searches by the beginning, whatever the collation.
            models.UniqueConstraint(fields=["idem"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_leased_has_lease",
                condition=~Q(state="leased") | Q(lease__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(name="delivery_phase_only_while_leased", condition=Q(state="leased") | Q(phase="")),
            models.CheckConstraint(
                name="delivery_sent_has_time", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="delivery_sensitive_keeps_no_body", condition=Q(sensitive=False) | Q(body_text="", body_html="")
            ),
            models.CheckConstraint(
                name="delivery_secret_has_an_end",
                condition=Q(secret="") | (Q(secret_until__isnull=False, sensitive=True) & ~Q(state="sent")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} → {self.address}"


class Heartbeat(models.Model):
    """When the worker, beat and the relay last showed that they live."""

    name = models.CharField(_("process"), max_length=30, primary_key=True)
    seen_at = models.DateTimeField(_("seen"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.name
