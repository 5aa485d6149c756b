"""What is done with a report of an error: ask the institution, reply, answer and close."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from anso_portal.models import ErrorReport
from anso_portal.report_emails import ANSWERED
from members.models import Institution
from notifications.actions import post_mail
from workflow.actions import move

_RECORD = re.compile(r"/members/([-a-zA-Z0-9_]+)/")


def institution_of(report: ErrorReport) -> Institution | None:
    """The institution that the report is about, where it is about one."""
    found = _RECORD.fullmatch(report.address)
    return Institution.objects.filter(slug=found[1]).defer("names_folded").first() if found else None


def people_of(institution: Institution) -> list[User]:
    return list(User.objects.active().filter(institution_roles__in=institution.roles.current()).distinct())


@transaction.atomic
def forward_report(*, report: ErrorReport, question: str, by: User) -> ErrorReport:
    demand(by, "edit", report, _("Officers and administrators can do this."))
    institution = institution_of(report)
    people = people_of(institution) if institution else []
    if not people:
        raise ValidationError(_("Nobody acts for this institution here, so there is nobody to ask."))
    ErrorReport.objects.filter(pk=report.pk).update(
        forwarded_to=institution, forwarded_at=Now(), question=question, reply=""
    )
    return move(report, "forwarded", by=by, tell=people)


@transaction.atomic
def reply_to_report(*, report: ErrorReport, reply: str, by: User) -> ErrorReport:
    """Back to the officer, who answers the reader and closes it."""
    moved = move(report, "open", by=by)
    ErrorReport.objects.filter(pk=report.pk).update(reply=reply)
    return moved


@transaction.atomic
def close_report(*, report: ErrorReport, answer: str, by: User) -> bool:
    """Says whether an answer was mailed. The address has then served its end, and is forgotten."""
    demand(by, "edit", report, _("Officers and administrators can do this."))
    moved = move(report, "done", by=by)
    mailed = bool(moved.email and answer)
    if mailed:
        post_mail(address=moved.email, purpose=ANSWERED, context={"report": moved.pk})
    ErrorReport.objects.filter(pk=moved.pk).update(answer=answer, done_at=Now(), email="")
    return mailed
