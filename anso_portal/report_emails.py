"""What is told about reports of errors: to the institution, and to whoever reported it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anso_portal.models import ErrorReport
from notifications.emails import Letter, ObsoleteError, register_writer
from notifications.kinds import Kind, register
from notifications.links import absolute
from notifications.models import Delivery

ANSWERED = "report.answered"

register(
    Kind(
        "report.forwarded",
        label=gettext_lazy("A reader reports an error in your record"),
        subject=gettext_lazy("Reported: an error in %(title)s"),
        sentence=gettext_lazy("The secretariat asks you to look at it, and to correct your record where it is wrong."),
    )
)


def answered(row: Delivery) -> Letter:
    """The words of the officer, to the address that the reader left; it is kept nowhere else by then."""
    report = ErrorReport.objects.filter(pk=row.context.get("report")).exclude(answer="").first()
    if report is None:
        raise ObsoleteError("The report is no longer there.")
    return Letter(
        subject=_("Your report about %(record)s") % {"record": report.record},
        heading=_("Your report about %(record)s") % {"record": report.record},
        paragraphs=(
            _("Thank you for telling us. This is what the secretariat answers:"),
            *filter(None, (line.strip() for line in report.answer.splitlines())),
        ),
        button=(_("Open the record"), absolute(report.address)),
        reason=_("You get this because you reported an error and left your address for an answer."),
    )


register_writer(ANSWERED, answered)
