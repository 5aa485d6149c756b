"""Dates of projects, for calendars."""

from django.utils.translation import gettext as _

from accounts.access import permission
from accounts.permissions import is_secretariat
from projects.models import Milestone, Project, Report
from toolkit.calendars import Entry


def dates(user) -> list[Entry]:
    """Reports that the person's institutions owe, and milestones of projects that they lead."""
    reports = Report.objects.filter(permission("write", Report)(user), state__in=Report.WAITING)
    led = (
        Project.objects.filter(permission("tend", Project)(user))
        if not is_secretariat(user)
        else Project.objects.none()
    )
    ahead = Milestone.objects.filter(project__in=led.values("pk"), reached_on=None)
    return [
        *(
            Entry(
                f"report-{report.pk}",
                _("Report due: %(title)s") % {"title": report.project},
                report.due_on,
                report.get_absolute_url(),
            )
            for report in reports.select_related("project").order_by("due_on", "pk")
        ),
        *(
            Entry(
                f"milestone-{one.pk}",
                _("Milestone: %(title)s") % {"title": one.title},
                one.due_on,
                f"/desk/projects/{one.project.slug}/milestones/",
                text=str(one.project),
            )
            for one in ahead.select_related("project").order_by("due_on", "pk")
        ),
    ]
