from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from centers.models import Center, Course
from exchanges.models.programme import Programme
from members.models import Institution
from toolkit.history import track
from toolkit.names import fold, sort_key
from toolkit.rows import columns_but
from vocabularies.models import Country, SourcedModel, Theme


class Status(models.TextChoices):
    """What a visitor is told: an offer past its deadline is closed, whatever its state says."""

    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


# Long columns of the hosts, which a row of offers never shows.
_FAR_TEXTS = (
    "institution__names_folded",
    "institution__description",
    "center__search",
    "center__text_folded",
    "center__names_folded",
    "center__summary",
    "center__history",
)


class OfferQuerySet(VisibleQuerySet):
    def published(self):
        return self.exclude(state=Offer.State.DRAFT)

    def open(self):
        return self.filter(state=Offer.State.OPEN, apply_by__gt=Now())

    def with_status(self):
        """Annotates `status` (open or closed), decided on the database's clock."""
        is_open = Q(state=Offer.State.OPEN, apply_by__gt=Now())
        return self.annotate(
            status=Case(
                When(is_open, then=Value(Status.OPEN.value)),
                default=Value(Status.CLOSED.value),
                output_field=models.CharField(),
            )
        )

    def for_rows(self):
        """What a row of a list shows, without the long texts; `closes_in` is counted on the database's clock."""
        return (
            self.select_related("country", "institution", "center")
            .with_status()
            .annotate(closes_in=models.ExpressionWrapper(F("apply_by") - Now(), output_field=models.DurationField()))
            .defer("search", "text_folded", "names_folded", *_FAR_TEXTS)
        )

    def open_to(self, country):
        """Open to scientists of that country: an offer that names none is open to all."""
        named = Offer.eligible_countries.through.objects.filter(offer=models.OuterRef("pk"))
        return self.filter(~models.Exists(named) | models.Exists(named.filter(country=country)))


@track(exclude=["places_taken", "sort_key", "names_folded", "text_folded", "search"])
class Offer(SourcedModel):
    """A place to go to: a visit, fellowship, training, workshop or conference at an institution or center."""

    class Kind(models.TextChoices):
        VISIT = "visit", _("visit")
        FELLOWSHIP = "fellowship", _("fellowship")
        TRAINING = "training", _("training")
        WORKSHOP = "workshop", _("workshop")
        CONFERENCE = "conference", _("conference")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("programme")
    )
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("host institution")
    )
    center = models.ForeignKey(
        Center, models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("host center")
    )
    country = models.ForeignKey(Country, models.PROTECT, related_name="offers", verbose_name=_("country"))
    city = models.CharField(_("city"), max_length=200, blank=True)
    description = models.TextField(_("description"), blank=True)
    paid = models.TextField(_("what is paid"), blank=True)
    places = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    apply_by = models.DateTimeField(_("apply by"), null=True, blank=True)
    apply_by_zone = models.CharField(
        _("time zone of the deadline"), max_length=64, default="UTC", help_text=_("IANA name, as in Asia/Karachi.")
    )
    themes = models.ManyToManyField(Theme, related_name="offers", blank=True, verbose_name=_("themes"))
    eligible_countries = models.ManyToManyField(
        Country,
        related_name="open_offers",
        blank=True,
        verbose_name=_("open to scientists of"),
        help_text=_("None named: all."),
    )
    trainings = models.ManyToManyField(
        Course,
        related_name="offers",
        blank=True,
        verbose_name=_("training that guests need"),
        help_text=_("A stay begins only with a certificate that holds until its last day."),
    )
    places_taken = models.PositiveIntegerField(_("places taken"), default=0, db_default=0, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Written as sample; not a real offer.")
    )
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    names_folded = models.TextField(editable=False)
    text_folded = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=SearchVector("text_folded", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange offer")
        verbose_name_plural = _("exchange offers")
        ordering = ["sort_key"]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="offer_names_trgm"),
            GinIndex(fields=["search"], name="offer_search"),
            models.Index(fields=["apply_by"], condition=Q(state="open"), name="offer_open"),
        ]
        constraints = [
            models.CheckConstraint(
                name="offer_has_host",
                condition=Q(institution__isnull=False) | Q(center__isnull=False),
                violation_error_message=_("Name the institution or the center that hosts."),
            ),
            models.CheckConstraint(
                name="offer_places_are_not_overcommitted",
                condition=Q(places__isnull=True) | Q(places_taken__lte=F("places")),
                violation_error_message=_("More places are taken than that."),
            ),
            models.CheckConstraint(
                name="offer_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A stay cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="offer_open_is_complete",
                condition=Q(state="draft")
                | Q(places__isnull=False, places__gte=1, apply_by__isnull=False, starts_on__isnull=False),
                violation_error_message=_("An open offer needs places, a first day and a deadline."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs):
        """What stays have taken is counted in the database alone: a form that was open meanwhile must not put it back."""
        if not self._state.adding:
            kwargs.setdefault("update_fields", columns_but(Offer, "places_taken"))
        self.sort_key = sort_key(self.title)
        self.names_folded = fold(self.title)
        self.text_folded = fold(f"{self.description} {self.paid} {self.city}")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/exchanges/{self.slug}/"

    @property
    def host(self):
        return self.center or self.institution

    def topics(self) -> list[str]:
        """Those who follow its themes, the country it is in, its center or its institution hear of it."""
        keys = [f"country:{self.country_id}", *(f"theme:{pk}" for pk in self.themes.values_list("pk", flat=True))]
        if self.center_id:
            keys.append(f"center:{self.center_id}")
        if self.institution_id:
            keys.append(f"institution:{self.institution_id}")
        return keys
