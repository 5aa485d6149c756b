import datetime
import hashlib
import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import FileExtensionValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from toolkit.history import track

is_colour = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A colour is written like #0b5563."))


@track()
class Branding(models.Model):
    """How the portal presents itself: one row at most. What is empty falls back to settings.PORTAL."""

    name = models.CharField(_("name of the portal"), max_length=80, blank=True)
    alliance = models.CharField(_("name of the alliance"), max_length=200, blank=True)
    logo = models.ImageField(
        _("logo"),
        upload_to="branding/",
        blank=True,
        validators=[FileExtensionValidator(["png", "jpg", "jpeg", "webp"])],
        help_text=_("PNG, JPEG or WebP; shown 40 pixels high."),
    )
    colour = models.CharField(_("main colour"), max_length=7, blank=True, validators=[is_colour])
    accent = models.CharField(_("second colour"), max_length=7, blank=True, validators=[is_colour])
    banner = models.CharField(
        _("banner line"), max_length=300, blank=True, help_text=_("Shown above every page; empty: none.")
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("name, logo and colours")
        verbose_name_plural = _("name, logo and colours")
        constraints = [
            models.CheckConstraint(
                name="branding_one_row",
                condition=Q(pk=1),
                violation_error_message=_("There is one row only: change it."),
            )
        ]

    def __str__(self) -> str:
        return self.name or str(_("The portal"))

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)


class ErrorReport(models.Model):
    """Somebody says that a record is wrong; an officer looks at it, and may ask the institution that it is about."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        FORWARDED = "forwarded", _("with the institution")
        DONE = "done", _("done")

    UNFINISHED = (State.OPEN, State.FORWARDED)

    address = models.CharField(_("page"), max_length=300)
    record = models.CharField(_("record"), max_length=300)
    message = models.TextField(_("what is wrong"), max_length=4000)
    email = models.EmailField(_("e-mail for an answer"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    forwarded_to = models.ForeignKey(
        Institution,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="forwarded_reports",
        verbose_name=_("forwarded to"),
    )
    forwarded_at = models.DateTimeField(_("forwarded"), null=True, blank=True)
    question = models.TextField(_("asked of the institution"), max_length=2000, blank=True)
    reply = models.TextField(_("reply of the institution"), max_length=2000, blank=True)
    answer = models.TextField(_("answer, or what was done"), max_length=4000, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("error report")
        verbose_name_plural = _("error reports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.record

    def get_absolute_url(self) -> str:
        return reverse("anso_portal:moderation_report", args=[self.pk])


@track()
class AboutFact(models.Model):
    """A fact of the alliance that the about page shows with its sources: `president`, `2023-2025`, who it was.

    A key comes as often as there are facts of its kind. Facts stand here, not in the code: an alliance runs its own.
    """

    key = models.CharField(
        _("key"), max_length=60, help_text=_("Of what kind it is, as in president or general_assembly.")
    )
    value = models.CharField(_("value"), max_length=300)
    detail = models.TextField(_("detail"), blank=True)
    translations = models.JSONField(_("in other languages"), default=dict, blank=True, help_text='{"zh": "…"}')
    source_urls = models.JSONField(_("addresses of the source"), default=list, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("fact of the about page")
        verbose_name_plural = _("facts of the about page")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class SampleRecord(models.Model):
    """A row that `load_sample` made, so that `remove_sample` takes out exactly these."""

    label = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    position = models.BigAutoField(primary_key=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "key"], name="samplerecord_once")]

    def __str__(self) -> str:
        return f"{self.label} {self.key}"


class ClosedAccount(models.Model):
    """An account that was erased, or joined to another one of the same person: numbers and dates, nothing personal."""

    class Kind(models.TextChoices):
        ERASED = "erased", _("erased")
        JOINED = "joined", _("joined to another")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="closing", verbose_name=_("account")
    )
    kind = models.CharField(_("how"), max_length=10, choices=Kind)
    joined_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="joined_accounts",
        verbose_name=_("to"),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), db_default=Now())
    # What a row was stays in the files of the database until the table is cleaned, and in their gaps until it is written anew.
    cleaned_at = models.DateTimeField(_("tables cleaned"), null=True, blank=True, editable=False)
    rewritten_at = models.DateTimeField(_("tables written anew"), null=True, blank=True, editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("closed account")
        verbose_name_plural = _("closed accounts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="closedaccount_joined_to_another",
                condition=Q(kind="erased", joined_to__isnull=True) | (Q(kind="joined") & ~Q(joined_to=F("user"))),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.get_kind_display()}"


class JoinRequestQuerySet(VisibleQuerySet):
    def open(self):
        return self.filter(expires_at__gt=Now())


class JoinRequest(models.Model):
    """Somebody says that another address is theirs too. Nothing here tells whether an account uses it.

    The secret of the link is made when the mail is sent; only its hash is kept. The row goes when the link is used.
    """

    VALID = datetime.timedelta(hours=1)

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("asked by"))
    email = models.EmailField(_("the other address"), max_length=254)
    expires_at = models.DateTimeField(_("open until"), db_default=Now() + VALID)
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join accounts")
        verbose_name_plural = _("requests to join accounts")

    def __str__(self) -> str:
        return str(self.pk)

    @staticmethod
    def digest(token: str) -> str:
        return hashlib.sha256(token.encode(errors="replace")).hexdigest()

    def mint(self) -> str:
        """A new secret for the link; that of an earlier mail stops working. Returns nothing where nobody waits any more."""
        token = secrets.token_urlsafe(32)
        kept = JoinRequest.objects.open().filter(pk=self.pk).update(token_hash=self.digest(token))
        return token if kept else ""


class SavedSearch(models.Model):
    """What people look for in a list, followed as the topic `search:TOKEN`; who asks for the same shares it.

    `keys` are the records that it found the last time, `digests` those of what the list showed of them, in the same order.
    """

    listing = models.CharField(_("list"), max_length=20)
    query = models.JSONField(_("what is asked for"), default=list)  # pairs of a parameter and its value
    token = models.CharField(max_length=32, unique=True, editable=False)
    label = models.CharField(_("name"), max_length=300)
    keys = ArrayField(models.BigIntegerField(), default=list, editable=False)
    digests = ArrayField(models.BigIntegerField(), default=list, editable=False)
    shape = models.CharField(max_length=16, editable=False)  # of the columns that the digests are of
    created_at = models.DateTimeField(_("since"), db_default=Now(), editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        indexes = [models.Index(fields=["listing"], name="savedsearch_listing")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"/{self.listing}/?{urlencode(self.query)}" if self.query else f"/{self.listing}/"

    @property
    def topic(self) -> str:
        return f"search:{self.token}"


class HistoryLink(models.Model):
    """One context of the history in the chain: its hash covers the digest of all events of the context and the link before.

    Without a context, it covers events that were written outside any: those of a time before there were contexts for all.
    """

    position = models.BigIntegerField(_("position"), primary_key=True)
    context = models.UUIDField(_("context"), null=True, unique=True)
    sealed_at = models.DateTimeField(_("sealed"))
    digest = models.CharField(_("digest"), max_length=64)
    previous = models.CharField(_("hash of the link before"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("link of the history")
        verbose_name_plural = _("links of the history")

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


class HistorySeal(models.Model):
    """The rows of one table that a link covers: for each its number (8 bytes) and a hash of its columns (16 bytes), in order.

    So a row that was changed, taken away or put in later can be named, and not only missed.
    """

    link = models.ForeignKey(HistoryLink, models.PROTECT, related_name="seals", verbose_name=_("link"))
    table = models.CharField(_("table"), max_length=100)
    columns = ArrayField(models.CharField(max_length=63), verbose_name=_("columns"))
    count = models.PositiveIntegerField(_("rows"))
    leaves = models.BinaryField(_("hashes of the rows"))

    class Meta:
        verbose_name = _("seal of the history")
        verbose_name_plural = _("seals of the history")
        constraints = [models.UniqueConstraint(fields=["link", "table"], name="historyseal_once")]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.table} × {self.count}"
