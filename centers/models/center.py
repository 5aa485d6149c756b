from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, Min, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from toolkit.clock import Today
from toolkit.dates import Precision
from toolkit.history import track
from toolkit.names import fold, sort_key
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Country, SourcedModel, Theme


def countries_of(center) -> ArraySubquery:
    """The codes of the countries of its sites, each once, that of its seat first."""
    sites = CenterSite.objects.filter(center=center).values("country")
    return ArraySubquery(
        sites.annotate(seat=BoolOr("is_seat"), first=Min("pk")).order_by("-seat", "first").values("country")
    )


class CenterQuerySet(VisibleQuerySet):
    def active(self):
        return self.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=Today()))

    def closed(self):
        return self.filter(closed_on__lte=Today())

    def for_rows(self):
        """What a row of a list shows: with the codes of its countries, without the long texts."""
        return self.annotate(countries=countries_of(OuterRef("pk"))).defer(
            "search", "text_folded", "names_folded", "history"
        )

    def hosted_by(self, institution):
        return self._with_institution(institution, CenterInstitution.Role.HOST)

    def hosted_among(self, institutions):
        """By one of these, given as keys."""
        hosting = CenterInstitution.objects.filter(role=CenterInstitution.Role.HOST, institution__in=institutions)
        return self.filter(Exists(hosting.filter(center=OuterRef("pk"))))

    def led_by(self, institution):
        return self._with_institution(institution, CenterInstitution.Role.LEAD)

    def _with_institution(self, institution, role):
        return self.filter(
            Exists(CenterInstitution.objects.filter(center=OuterRef("pk"), institution=institution, role=role))
        )


@track(exclude=["sort_key", "names_folded", "text_folded", "search"])
class Center(SourcedModel):
    """An overseas science and education center, with one or several sites."""

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=300)
    acronym = models.CharField(_("acronym"), max_length=50, blank=True)
    translations = models.JSONField(_("names in other languages"), default=dict, blank=True, help_text='{"zh": "…"}')
    summary = models.TextField(_("summary"), blank=True)
    fields = ArrayField(models.CharField(max_length=100), verbose_name=_("fields"), default=list, blank=True)
    themes = models.ManyToManyField(Theme, related_name="centers", blank=True, verbose_name=_("themes"))
    established_on = models.DateField(_("established"), null=True, blank=True)
    established_precision = models.CharField(
        _("precision"), max_length=10, choices=Precision, default=Precision.UNKNOWN
    )
    history = models.TextField(_("key dates"), blank=True)
    closed_on = models.DateField(_("closed"), null=True, blank=True)
    website = WebAddress(_("website"), blank=True)
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    names_folded = models.TextField(editable=False)
    text_folded = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=SearchVector("text_folded", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = CenterQuerySet.as_manager()

    class Meta:
        verbose_name = _("center")
        verbose_name_plural = _("centers")
        ordering = ["sort_key"]
        constraints = [opens_a_page("website", name="center_website_opens_a_page")]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="center_names_trgm"),
            GinIndex(fields=["search"], name="center_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.sort_key = sort_key(self.name)
        self.names_folded = fold(" ".join([self.name, self.acronym, *map(str, self.translations.values())]))
        self.text_folded = fold(" ".join([self.summary, self.history, *self.fields]))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/centers/{self.slug}/"

    def topics(self) -> list[str]:
        return [f"center:{self.pk}"]


@track()
class CenterSite(models.Model):
    center = models.ForeignKey(Center, models.CASCADE, related_name="sites", verbose_name=_("center"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    is_seat = models.BooleanField(_("seat of the center"), default=False)
    city = models.CharField(_("city"), max_length=200, blank=True)
    country = models.ForeignKey(Country, models.PROTECT, related_name="center_sites", verbose_name=_("country"))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["-is_seat", "pk"]
        constraints = [
            models.CheckConstraint(
                name="centersite_place_on_earth",
                # A check that comes out as NULL lets a row pass, so what must be there is said.
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__isnull=False,
                    longitude__range=(-180, 180),
                ),
                violation_error_message=_(
                    "Give latitude (-90 to 90) and longitude (-180 to 180) together, or neither."
                ),
            ),
            models.UniqueConstraint(
                fields=["center"],
                condition=Q(is_seat=True),
                name="centersite_one_seat",
                violation_error_message=_("A center has one seat."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.city or str(self.country)


class CenterInstitutionQuerySet(VisibleQuerySet):
    def with_center(self):
        """With the center and the codes of its countries, in the order of names."""
        return (
            self.select_related("center")
            .only("role", "name_as_given", "institution", "center__name", "center__slug", "center__closed_on")
            .annotate(countries=countries_of(OuterRef("center")))
            .order_by("center__sort_key", "role")
        )


@track()
class CenterInstitution(models.Model):
    """Who hosts a center and who leads it; the institution is linked where it is certain which one is meant."""

    class Role(models.TextChoices):
        HOST = "host", _("host")
        LEAD = "lead", _("lead institute")

    center = models.ForeignKey(Center, models.CASCADE, related_name="participations", verbose_name=_("center"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    name_as_given = models.CharField(_("name as given"), max_length=400)
    institution = models.ForeignKey(
        Institution,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="center_participations",
        verbose_name=_("institution"),
    )

    objects = CenterInstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("host or lead institute")
        verbose_name_plural = _("hosts and lead institutes")
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["center", "role", "name_as_given"], name="centerinstitution_once")
        ]

    def __str__(self) -> str:
        return self.name_as_given


@track()
class Facility(models.Model):
    center = models.ForeignKey(Center, models.CASCADE, related_name="facilities", verbose_name=_("center"))
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    access_conditions = models.TextField(_("conditions of access"), blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["center", "name"], name="facility_once")]

    def __str__(self) -> str:
        return self.name
