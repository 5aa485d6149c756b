import zoneinfo
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from exchanges.models import Programme
from toolkit.eligibility import validate as validate_rules
from toolkit.history import track
from toolkit.names import fold, sort_key
from vocabularies.models import SourcedModel, Theme


class CallStatus(models.TextChoices):
    """What a visitor is told; computed on the database's clock."""

    OPEN = "open", _("open")
    UPCOMING = "upcoming", _("upcoming")
    CLOSED = "closed", _("closed")
    DECIDED = "decided", _("decided")


class Minutes(Func):
    """So many minutes as an interval."""

    template = "make_interval(mins => %(expressions)s)"
    output_field = models.DurationField()


# Until when a proposal is taken: the deadline that is told, and the grace that is not.
LAST_MOMENT = ExpressionWrapper(F("closes_at") + Minutes("grace_minutes"), output_field=models.DateTimeField())


def status_case() -> Case:
    """`draft` stands beside what CallStatus names, for the people who see drafts."""
    return Case(
        When(state=Call.State.DRAFT, then=Value("draft")),
        When(state=Call.State.DECIDED, then=Value(CallStatus.DECIDED.value)),
        When(opens_at__gt=Now(), then=Value(CallStatus.UPCOMING.value)),
        When(closes_at__gte=Now(), then=Value(CallStatus.OPEN.value)),
        default=Value(CallStatus.CLOSED.value),
        output_field=models.CharField(),
    )


class CallQuerySet(VisibleQuerySet):
    def published(self):
        return self.exclude(state=Call.State.DRAFT)

    def with_status(self):
        return self.annotate(status=status_case())

    def open(self):
        return self.filter(state=Call.State.PUBLISHED, opens_at__lte=Now(), closes_at__gte=Now())

    def taking(self):
        """Those that take proposals at this moment, the grace included."""
        return self.annotate(last_moment_at=LAST_MOMENT).filter(
            state=Call.State.PUBLISHED, opens_at__lte=Now(), last_moment_at__gte=Now()
        )

    def over(self):
        """Those that take no proposal any more: the grace has passed too."""
        return self.annotate(last_moment_at=LAST_MOMENT).filter(state=Call.State.PUBLISHED, last_moment_at__lt=Now())

    def for_rows(self):
        """What a row of a list shows, without the long texts; `closes_in` is counted on the database's clock."""
        return (
            self.select_related("programme")
            .with_status()
            .annotate(
                closes_in=ExpressionWrapper(F("closes_at") - Now(), output_field=models.DurationField()),
                opens_in=ExpressionWrapper(F("opens_at") - Now(), output_field=models.DurationField()),
            )
            .defer("search", "text_folded", "names_folded", "text")
        )


def known_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone, as in Asia/Karachi.") % {"name": name})


@track(exclude=["sort_key", "names_folded", "text_folded", "search"])
class Call(SourcedModel):
    """An invitation to propose. The instants are kept in UTC; `zone` and `zone_label` say how the deadline is told.

    `rules` are the conditions of toolkit.eligibility. Whether it is open is computed, see `with_status`.
    """

    class Kind(models.TextChoices):
        RESEARCH = "research", _("joint research")
        CONFERENCE = "conference", _("conference")
        TRAINING = "training", _("training")
        FELLOWSHIP = "fellowship", _("fellowship")
        PRIZE = "prize", _("prize")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        DECIDED = "decided", _("decided")

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    code = models.CharField(
        _("code"),
        max_length=16,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9-]*\Z", _("Capital letters, digits and hyphens, as in WATER-2027."))],
        help_text=_("The numbers of its proposals begin with it, as in WATER-2027-004."),
    )
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="calls", verbose_name=_("programme")
    )
    summary = models.TextField(_("summary"), max_length=600, help_text=_("Two or three sentences, for lists."))
    text = models.TextField(
        _("text"), blank=True, help_text=_("Markdown: ## Heading, **bold**, - list, [words](address).")
    )
    themes = models.ManyToManyField(Theme, related_name="calls", blank=True, verbose_name=_("themes"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR", help_text=_("ISO code, as in EUR."))
    budget = models.DecimalField(_("budget of the call"), max_digits=14, decimal_places=2, null=True, blank=True)
    most_per_proposal = models.DecimalField(
        _("most for one proposal"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    internal_closes_at = models.DateTimeField(
        _("internal deadline"),
        null=True,
        blank=True,
        help_text=_("By when institutions should confirm; nothing closes then."),
    )
    zone = models.CharField(
        _("time zone of the deadline"),
        max_length=64,
        default="UTC",
        validators=[known_zone],
        help_text=_("IANA name, as in Asia/Karachi. Anywhere on Earth is Etc/GMT+12."),
    )
    zone_label = models.CharField(_("how the zone is told"), max_length=60, blank=True, help_text=_("As in Beijing."))
    grace_minutes = models.PositiveSmallIntegerField(
        _("grace"),
        default=0,
        help_text=_("Minutes after the deadline in which proposals are still taken, and nobody is told."),
    )
    first_stage = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="second_stages",
        verbose_name=_("first stage"),
        help_text=_("Only proposals that were accepted there can answer this call."),
    )
    rules = models.JSONField(_("eligibility rules"), default=list, blank=True, validators=[validate_rules])
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Written as sample; not a real call.")
    )
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    names_folded = models.TextField(editable=False)
    text_folded = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=SearchVector("text_folded", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["sort_key"]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="call_names_trgm"),
            GinIndex(fields=["search"], name="call_search"),
            models.Index(fields=["closes_at"], condition=Q(state="published"), name="call_published"),
        ]
        constraints = [
            models.CheckConstraint(
                name="call_closes_after_opening",
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("A call cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="call_internal_deadline_before_closing",
                condition=Q(internal_closes_at__isnull=True)
                | Q(closes_at__isnull=False, internal_closes_at__lte=F("closes_at")),
                violation_error_message=_("The internal deadline cannot be later than the deadline."),
            ),
            models.CheckConstraint(
                name="call_published_is_complete",
                condition=Q(state="draft") | Q(opens_at__isnull=False, closes_at__isnull=False),
                violation_error_message=_("A published call needs an opening and a deadline."),
            ),
            models.CheckConstraint(
                name="call_is_not_its_own_first_stage",
                condition=Q(first_stage__isnull=True) | ~Q(first_stage=F("pk")),
                violation_error_message=_("A call cannot be its own first stage."),
            ),
            models.CheckConstraint(
                name="call_currency_is_iso",
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("Give the currency as three capital letters, as in EUR."),
            ),
            models.CheckConstraint(
                name="call_money_is_positive",
                condition=(Q(budget__isnull=True) | Q(budget__gt=0))
                & (Q(most_per_proposal__isnull=True) | Q(most_per_proposal__gt=0)),
                violation_error_message=_("Amounts must be more than zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs):
        self.sort_key = sort_key(self.title)
        self.names_folded = fold(f"{self.title} {self.code}")
        self.text_folded = fold(f"{self.summary} {self.text}")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/calls/{self.slug}/"

    @property
    def desk_url(self) -> str:
        return f"/desk/calls/{self.slug}/"

    @property
    def closes_there(self) -> datetime | None:
        """The deadline as the clocks show it where it is told."""
        return self.closes_at.astimezone(zoneinfo.ZoneInfo(self.zone)) if self.closes_at else None

    @property
    def zone_shown(self) -> str:
        return self.zone_label or self.zone.rpartition("/")[2].replace("_", " ")

    @property
    def last_moment(self) -> datetime | None:
        return self.closes_at + timedelta(minutes=self.grace_minutes) if self.closes_at else None

    def topics(self) -> list[str]:
        return [f"call:{self.pk}", *(f"theme:{pk}" for pk in self.themes.values_list("pk", flat=True))]


class CallOfficer(models.Model):
    """A call that is given to an officer."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="officers", verbose_name=_("call"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calls_given", verbose_name=_("officer")
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("officer of the call")
        verbose_name_plural = _("officers of the call")
        constraints = [models.UniqueConstraint(fields=["call", "user"], name="callofficer_once")]

    def __str__(self) -> str:
        return str(self.user)


@track()
class CallPart(models.Model):
    """A part of the form: a page of questions in the task list of each proposal."""

    call = models.ForeignKey(Call, models.CASCADE, related_name="parts", verbose_name=_("call"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=120)
    hint = models.TextField(_("hint"), blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of the form")
        verbose_name_plural = _("parts of the form")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


@track()
class Question(models.Model):
    class Kind(models.TextChoices):
        SHORT = "short", _("short text")
        LONG = "long", _("long text")
        CHOICE = "choice", _("choice")
        NUMBER = "number", _("number")
        AMOUNT = "amount", _("amount")
        DATE = "date", _("date")
        FILE = "file", _("file")
        TABLE = "table", _("table")

    part = models.ForeignKey(CallPart, models.CASCADE, related_name="questions", verbose_name=_("part"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.LONG)
    label = models.CharField(_("question"), max_length=300)
    hint = models.TextField(_("hint"), blank=True)
    required = models.BooleanField(_("must be answered"), default=True)
    most_words = models.PositiveSmallIntegerField(_("most words"), null=True, blank=True)
    choices = models.JSONField(
        _("choices"),
        default=list,
        blank=True,
        help_text=_("Of a choice, what there is to choose from; of a table, its columns."),
    )
    for_reviewers = models.BooleanField(_("reviewers see the answer"), default=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="question_choice_has_choices",
                condition=~Q(kind__in=["choice", "table"]) | ~Q(choices=[]),
                violation_error_message=_("A choice needs something to choose from, and a table its columns."),
            )
        ]

    def __str__(self) -> str:
        return self.label
