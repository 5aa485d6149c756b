from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from projects.models.project import Project
from toolkit.history import track


@track(exclude=["title", "note"])
class Milestone(models.Model):
    """What a project has planned to reach by a day, and the day on which it did. For its institutions and the secretariat."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="milestones", verbose_name=_("project"))
    title = models.CharField(_("milestone"), max_length=300)
    due_on = models.DateField(_("planned for"))
    reached_on = models.DateField(_("reached on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=models.Q(reached_on__isnull=True), name="milestone_ahead"),
        ]

    def __str__(self) -> str:
        return self.title
