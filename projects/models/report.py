from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from projects.models.project import Project
from toolkit.clock import Today
from toolkit.history import track


class ReportQuerySet(VisibleQuerySet):
    def waiting(self):
        """For the institution that leads the project."""
        return self.filter(state__in=Report.WAITING)

    def with_lateness(self):
        """Annotates `is_late`: its day has passed on the database's clock, and it waits."""
        late = Q(state__in=Report.WAITING, due_on__lt=Today())
        return self.annotate(is_late=models.ExpressionWrapper(late, output_field=models.BooleanField()))


@track(exclude=["public_text", "wish"])
class Report(models.Model):
    """What a project owes the alliance on a day. Its texts stand in versions; what was accepted for the public stands here, too."""

    class Kind(models.TextChoices):
        INTERIM = "interim", _("interim report")
        FINAL = "final", _("final report")
        SPECIAL = "special", _("report on request")

    class State(models.TextChoices):
        DUE = "due", _("due")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned")
        ACCEPTED = "accepted", _("accepted")

    WAITING = (State.DUE, State.RETURNED)
    TONES = {State.SUBMITTED: "good", State.ACCEPTED: "good", State.RETURNED: "warn"}

    project = models.ForeignKey(Project, models.CASCADE, related_name="reports", verbose_name=_("project"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DUE, editable=False)
    wish = models.TextField(_("what the alliance asks to read of"), max_length=2000, blank=True)
    public_text = models.TextField(_("for the public"), blank=True, editable=False)
    made_at = models.DateTimeField(_("made"), db_default=Now(), editable=False)
    reminded_for = models.SmallIntegerField(_("last reminder, in days from the due day"), null=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("project report")
        verbose_name_plural = _("project reports")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "due_on"],
                name="report_once_a_day",
                violation_error_message=_("The project owes such a report on this day already."),
            ),
            models.CheckConstraint(
                name="report_public_when_accepted", condition=Q(public_text="") | Q(state="accepted")
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state__in=["due", "returned"]), name="report_waiting")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.project.acronym or self.project.title}"

    def get_absolute_url(self) -> str:
        return f"/desk/projects/{self.project.slug}/reports/{self.pk}/"

    @property
    def tone(self) -> str:
        return self.TONES.get(self.state, "")  # type: ignore[call-overload]

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING


class ReportVersion(models.Model):
    """One text of a report: a draft until it is submitted, and then as it is. An officer's answer stands beside it."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="versions", verbose_name=_("report"))
    number = models.PositiveSmallIntegerField(_("version"))
    public_text = models.TextField(_("for the public"), max_length=20_000, blank=True)
    private_text = models.TextField(_("for the alliance alone"), max_length=20_000, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("submitted by")
    )
    answer = models.TextField(_("answer of the alliance"), max_length=4000, blank=True, editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a report")
        verbose_name_plural = _("versions of reports")
        ordering = ["report", F("number").desc()]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reportversion_number_once"),
            models.UniqueConstraint(
                fields=["report"], condition=Q(submitted_at__isnull=True), name="reportversion_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.number}"
