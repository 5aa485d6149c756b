from django.db import models
from django.db.models import Count, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from projects.models.project import Project
from projects.models.report import Report
from toolkit.history import track
from toolkit.names import normalise_doi
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Country


class ParticipationQuerySet(VisibleQuerySet):
    def name_of_lead(self, project) -> Subquery:
        """The name of the institution where it is known, else as given: one value for an annotation."""
        leads = self.filter(project=project, role=Participation.Role.LEAD)
        return Subquery(leads.values(shown=Coalesce("institution__name", "name_as_given"))[:1])

    def projects(self):
        """The projects of these rows, for apps below this one, which do not import it."""
        return Project.objects.filter(pk__in=self.values("project"))

    def reports_owed(self):
        """What the institutions of these rows have to write, where they lead: the next one first."""
        led = self.filter(role=Participation.Role.LEAD)
        rows = Report.objects.filter(project__in=led.values("project"))
        return rows.waiting().with_lateness().select_related("project").order_by("due_on", "pk")

    def shared_with(self, institution):
        """The other institutions in the projects of this one, each with their number, those with most first."""
        return (
            self.filter(project__in=self.filter(institution=institution).values("project"), institution__isnull=False)
            .exclude(institution=institution)
            .values("institution__slug", "institution__name", "institution__country")
            .annotate(shared=Count("pk"))
            .order_by("-shared", "institution__sort_key")
        )


@track()
class Participation(models.Model):
    """A lead or partner: the name as given always, the institution only where it is certain."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        PARTNER = "partner", _("partner")

    project = models.ForeignKey(Project, models.CASCADE, related_name="participations", verbose_name=_("project"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.PARTNER)
    name_as_given = models.CharField(_("name as given"), max_length=500)
    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="participations", verbose_name=_("institution")
    )
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="participations", verbose_name=_("country")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("lead or partner")
        verbose_name_plural = _("lead and partners")
        ordering = ["role", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role="lead"),
                name="participation_one_lead",
                violation_error_message=_("A project has one lead."),
            ),
            models.UniqueConstraint(
                fields=["project", "institution"],
                name="participation_institution_once",
                violation_error_message=_("This institution takes part in this project already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name_as_given


@track()
class ProjectSite(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="sites", verbose_name=_("project"))
    name = models.CharField(_("name"), max_length=200)
    country = models.ForeignKey(Country, models.PROTECT, related_name="project_sites", verbose_name=_("country"))
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="projectsite_place_on_earth",
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
        ]

    def __str__(self) -> str:
        return self.name


@track()
class Output(models.Model):
    class Kind(models.TextChoices):
        PUBLICATION = "publication", _("publication")
        DATASET = "dataset", _("data set")
        TRAINING = "training", _("training")
        POLICY = "policy", _("policy advice")
        PATENT = "patent", _("patent")
        REPORT = "report", _("report")

    project = models.ForeignKey(Project, models.CASCADE, related_name="outputs", verbose_name=_("project"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    title = models.CharField(_("title"), max_length=500)
    doi = models.CharField(_("DOI"), max_length=200, blank=True)
    url = WebAddress(_("address"), blank=True)
    published_in = models.SmallIntegerField(_("year"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("output")
        verbose_name_plural = _("outputs")
        ordering = ["-published_in", "pk"]
        constraints = [opens_a_page("url", name="output_url_opens_a_page")]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.doi:
            self.doi = normalise_doi(self.doi)


class ProjectCountry(models.Model):
    """A view of the database: each country of a project once, from its lead, partners and sites."""

    id = models.TextField(primary_key=True)
    project = models.ForeignKey(Project, models.DO_NOTHING, related_name="countries")
    country = models.ForeignKey(Country, models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False
        db_table = "projects_projectcountry"
