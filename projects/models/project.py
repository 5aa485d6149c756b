from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from centers.models import Center
from toolkit.clock import Today
from toolkit.dates import Precision
from toolkit.history import track
from toolkit.names import fold, sort_key
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Sdg, SourcedModel, Theme


class Status(models.TextChoices):
    PLANNED = "planned", _("planned")
    ACTIVE = "active", _("active")
    COMPLETED = "completed", _("completed")
    SUSPENDED = "suspended", _("suspended")


def status_case(path: str = "") -> Case:
    """The status, computed from the dates on the database's clock; a project without dates counts as active.

    `path` leads from the queried rows to the project, as in `project__`.
    """
    today = Today()
    return Case(
        When(Q((f"{path}ends_on__lt", today)), then=Value(Status.COMPLETED.value)),
        When(Q((f"{path}suspended_on__lte", today)), then=Value(Status.SUSPENDED.value)),
        When(Q((f"{path}starts_on__gt", today)), then=Value(Status.PLANNED.value)),
        default=Value(Status.ACTIVE.value),
        output_field=models.CharField(),
    )


class ProjectQuerySet(VisibleQuerySet):
    def with_status(self):
        return self.annotate(status=status_case())

    def with_lead(self):
        """Annotates `lead`, the name to show: of the institution where it is known, else as given."""
        from projects.models.parts import Participation

        return self.annotate(lead=Participation.objects.name_of_lead(models.OuterRef("pk")))

    def for_rows(self):
        """What a row of a list shows, without the long texts."""
        return self.with_status().with_lead().defer("search", "text_folded", "names_folded", "translations")

    def newest_first(self):
        return self.order_by(F("starts_on").desc(nulls_last=True), "-pk")

    def of_the_alliance(self):
        """Without the records taken from other registers, which name their source and are not alliance projects."""
        return self.filter(of_alliance=True)


@track(exclude=["sort_key", "names_folded", "text_folded", "search"])
class Project(SourcedModel):
    """Joint work. Its status is computed, never stored; lead and partners are its participations.

    `ends_on` is the last day of the period that the precision names (a year's 31 December).
    """

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    code = models.CharField(_("code"), max_length=40, null=True, blank=True, unique=True)
    acronym = models.CharField(_("acronym"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=500)
    language = models.CharField(_("language of the title"), max_length=12, default="en")
    translations = models.JSONField(
        _("in other languages"), default=dict, blank=True, help_text='{"zh": {"title": "…", "summary": "…"}}'
    )
    summary = models.TextField(_("summary"), blank=True)
    keywords = ArrayField(models.CharField(max_length=200), verbose_name=_("keywords"), default=list, blank=True)
    starts_on = models.DateField(_("start"), null=True, blank=True)
    starts_precision = models.CharField(
        _("precision of the start"), max_length=10, choices=Precision, default=Precision.DAY
    )
    ends_on = models.DateField(_("end"), null=True, blank=True)
    ends_precision = models.CharField(
        _("precision of the end"), max_length=10, choices=Precision, default=Precision.DAY
    )
    suspended_on = models.DateField(_("suspended since"), null=True, blank=True)
    amount = models.DecimalField(_("budget"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO code, as in EUR."))
    funder = models.CharField(_("funder"), max_length=300, blank=True)
    funding_programme = models.CharField(_("funding programme"), max_length=500, blank=True)
    themes = models.ManyToManyField(Theme, related_name="projects", blank=True, verbose_name=_("themes"))
    sdgs = models.ManyToManyField(
        Sdg, related_name="projects", blank=True, verbose_name=_("sustainable development goals")
    )
    centers = models.ManyToManyField(Center, related_name="projects", blank=True, verbose_name=_("centers"))
    website = WebAddress(_("website"), blank=True)
    of_alliance = models.BooleanField(_("project of the alliance"), default=True)
    illustrative = models.BooleanField(
        _("illustrative"), default=False, help_text=_("Written as sample; not a real project.")
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    names_folded = models.TextField(editable=False)
    text_folded = models.TextField(editable=False)
    search = models.GeneratedField(
        expression=SearchVector("text_folded", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["sort_key"]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="project_names_trgm"),
            GinIndex(fields=["search"], name="project_search"),
            models.Index(F("starts_on").desc(nulls_last=True), F("id").desc(), name="project_newest"),
            # What the counts of a list read, so that they do not go through the long texts.
            models.Index(
                fields=["published_at"],
                include=["id", "starts_on", "ends_on", "suspended_on", "source"],
                name="project_facets",
            ),
        ]
        constraints = [
            opens_a_page("website", name="project_website_opens_a_page"),
            models.CheckConstraint(
                name="project_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A project cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="project_amount_with_currency",
                condition=Q(amount__isnull=True, currency="")
                | Q(amount__isnull=False, amount__gte=0, currency__regex=r"^[A-Z]{3}$"),
                violation_error_message=_("Give the budget with its currency, as in EUR; neither may stand alone."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs):
        self.set_search_columns()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/projects/{self.slug}/"

    def set_search_columns(self) -> None:
        """Folded on every path that writes; bulk writers call this too."""
        others = [text for text in self.translations.values() if isinstance(text, dict)]
        self.sort_key = sort_key(self.title)
        self.names_folded = fold(
            " ".join([self.title, self.acronym, self.code or "", *(str(o.get("title", "")) for o in others)])
        )
        self.text_folded = fold(" ".join([self.summary, *self.keywords, *(str(o.get("summary", "")) for o in others)]))

    def topics(self) -> list[str]:
        return [f"project:{self.pk}"]
