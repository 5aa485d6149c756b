"""What is announced about projects; imported by ProjectsConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

PROJECT, DUE = ("project", _("Project")), ("due_on", _("Due on"))

register_area(Area("reports", _("Reports on projects")), "report")

register(
    Kind(
        "report.asked",
        label=_("A project of my institution owes a report"),
        subject=_("To be written: %(title)s"),
        sentence=_("The alliance asks for a report on the project."),
        rows=(PROJECT, DUE),
    )
)
register(
    Kind(
        "report.reminder",
        label=_("A report is due soon, or late"),
        subject=_("Due %(due_on)s: %(title)s"),
        sentence=_("The report of the project waits to be submitted."),
        rows=(PROJECT, DUE),
    )
)
register(
    Kind(
        "report.late",
        label=_("A report of my institution is two weeks late"),
        subject=_("Late: %(title)s"),
        sentence=_("The report has not come, two weeks after its day. Focal points and officers are told."),
        rows=(PROJECT, DUE),
    )
)
register(
    Kind(
        "report.handed_in",
        label=_("A project report is submitted"),
        subject=_("Submitted: %(title)s"),
        sentence=_("The report waits for an officer to read it."),
        rows=(PROJECT, DUE),
    )
)
register(
    Kind(
        "report.returned",
        label=_("A project report is returned"),
        subject=_("Returned: %(title)s"),
        sentence=_("An officer asks for changes. What is asked stands beside the report."),
        rows=(PROJECT,),
    )
)
register(
    Kind(
        "report.accepted",
        label=_("A project report is accepted"),
        subject=_("Accepted: %(title)s"),
        sentence=_("The report is accepted. Its public part stands on the page of the project."),
        rows=(PROJECT,),
    )
)
