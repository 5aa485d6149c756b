"""What projects owe the alliance: asked for by officers, written by the lead institution, read and accepted or returned."""

import calendar
import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.actions.standings import speakers_of
from members.models import Institution, InstitutionRole
from notifications.actions import announce
from projects.models import Participation, Project, Report, ReportVersion
from toolkit.clock import database_today
from toolkit.saving import ChangedMeanwhile
from workflow.actions import move

State = Report.State
MOST = 40  # reports that are asked for at once
# Days from the due day: before and on it those who write are reminded, two weeks after it focal points and officers hear of it.
REMINDERS, LATE = (-14, 0), 14


@dataclass(frozen=True)
class Schedule:
    """`count` reports, the first due on `first`, the others `months` apart."""

    kind: str
    first: datetime.date
    count: int = 1
    months: int = 12
    wish: str = ""

    def days(self) -> list[datetime.date]:
        return [months_later(self.first, self.months * n) for n in range(self.count)]


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last one."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def ask_for_reports(*, project: Project, schedule: Schedule, by: User) -> list[Report]:
    """Those that are asked for already stay as they are, so a second click asks for nothing more."""
    demand(by, "edit", project, _("Officers can do this."))
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if schedule.count > MOST:
        raise ValidationError(_("At most %(most)d reports at once.") % {"most": MOST})
    known = set(project.reports.filter(kind=schedule.kind).values_list("due_on", flat=True))
    made = []
    for day in schedule.days():
        if day not in known:
            report = Report(project=project, kind=schedule.kind, due_on=day, wish=schedule.wish)
            report.full_clean()
            report.save()
            made.append(report)
    if made:
        announce("report.asked", made[0], actor=by, to=writers_of(project), context=facts(made[0]))
    return made


@transaction.atomic
def take_back(*, report: Report, by: User) -> None:
    """A report that nobody has written yet is owed no more."""
    demand(by, "edit", report.project, _("Officers can do this."))
    row = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if row.state != State.DUE or row.versions.exists():
        raise ValidationError(_("It is being written already: it stays."), code="begun")
    row.delete()


@transaction.atomic
def save_report(*, report: Report, public_text: str, private_text: str, revision: int, by: User) -> ReportVersion:
    """The draft of the next version. ChangedMeanwhile where `revision` is not the one that stands."""
    row = Report.objects.select_for_update(of=("self",)).select_related("project").get(pk=report.pk)
    demand(by, "write", row, _("Whoever acts for the institution that leads the project can write it."))
    if not row.is_waiting:
        raise ValidationError(_("It is submitted: it can be changed when it is returned."), code="wrong_state")
    draft = draft_of(row)
    if draft.revision != revision:
        raise ChangedMeanwhile
    draft.public_text, draft.private_text, draft.revision = public_text, private_text, revision + 1
    draft.save()
    ReportVersion.objects.filter(pk=draft.pk).update(changed_at=Now())
    return draft


def draft_of(report: Report) -> ReportVersion:
    """The one that is being written; a new one begins with the words of the last. It may not be saved yet."""
    last = report.versions.order_by("-number").first()
    if last and last.submitted_at is None:
        return last
    texts = {"public_text": last.public_text, "private_text": last.private_text} if last else {}
    return ReportVersion(report=report, number=last.number + 1 if last else 1, **texts)


@transaction.atomic
def submit_report(*, report: Report, by: User) -> Report:
    """Its draft becomes a version that stays as it is."""
    row = Report.objects.select_for_update(of=("self",)).select_related("project").get(pk=report.pk)
    if row.state == State.SUBMITTED:
        return row  # a second click
    demand(by, "write", row, _("Whoever acts for the institution that leads the project can submit it."))
    moved = move(row, State.SUBMITTED, by=by, tell=officers(), context=facts(row))
    moved.versions.filter(submitted_at__isnull=True).update(submitted_at=Now(), by=by)
    return moved


@transaction.atomic
def judge_report(*, report: Report, accept: bool, answer: str, by: User) -> Report:
    """Accepted, its public part stands on the page of the project; returned, it is written once more."""
    row = Report.objects.select_for_update(of=("self",)).select_related("project").get(pk=report.pk)
    demand(by, "judge", row, _("An officer who acts for none of its institutions can do this."))
    if not accept and not answer.strip():
        raise ValidationError(_("Say what is to be changed."), code="required")
    target = State.ACCEPTED if accept else State.RETURNED
    moved = move(row, target, by=by, reason=answer, tell=writers_of(row.project), context=facts(row))
    last = moved.versions.aggregate(last=Max("number"))["last"]
    moved.versions.filter(number=last).update(answer=answer)
    if accept:
        moved.public_text = moved.versions.get(number=last).public_text
        moved.save(update_fields=["public_text"])
    return moved


def writers_of(project: Project) -> list[User]:
    """Whoever acts for the institution that leads the project."""
    leads = Participation.objects.filter(project=project, role=Participation.Role.LEAD, institution__isnull=False)
    roles = InstitutionRole.objects.current().filter(institution__in=leads.values("institution"))
    return list(User.objects.active().filter(pk__in=roles.values("user")))


def officers() -> list[User]:
    return list(User.objects.active().holding(OFFICER, ADMINISTRATOR))


def facts(report: Report) -> dict:
    return {"project": report.project.title, "due_on": report.due_on}


# --- The clock


def remind_of_reports() -> int:
    """Each passed day reminds once, whoever runs this how often."""
    return sum(_remind(days) for days in (LATE, *reversed(REMINDERS)))  # of several passed days only the last


@transaction.atomic
def _remind(days: int) -> int:
    day = database_today() - datetime.timedelta(days=days)
    waiting = Report.objects.waiting().filter(
        Q(reminded_for__isnull=True) | Q(reminded_for__lt=days), due_on__lte=day, made_at__date__lt=F("due_on") + days
    )
    rows = list(waiting.select_for_update(of=("self",), skip_locked=True).select_related("project").order_by("pk"))
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_for=days)
    for row in rows:
        if days < LATE:
            announce("report.reminder", row, actor=None, to=writers_of(row.project), context=facts(row))
        else:
            announce("report.late", row, actor=None, to=[*focal_points(row.project), *officers()], context=facts(row))
    return len(rows)


def focal_points(project: Project) -> list[User]:
    leads = Institution.objects.filter(participations__project=project, participations__role=Participation.Role.LEAD)
    return speakers_of(*leads)
