"""Before, during and after a stay: what has to be ready, what the clock moves, and the report."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from exchanges.actions.stays import approve_by_itself, everyone_in, facts, locked, move_stay
from exchanges.models import Stay, StayReport, StayTask
from exchanges.workflow import missing_courses
from members.actions.applications import officers
from members.actions.standings import speakers_of
from notifications.actions import announce
from toolkit.clock import Today, database_today
from workflow.actions import WrongState

State = Stay.State
BEFORE_TASKS = timedelta(days=7)
REPORT_WITHIN = 30  # days after the end, where no programme says otherwise
AGAIN_AFTER = timedelta(days=14)  # a late report is asked for once more


# --- What has to be ready


@transaction.atomic
def do_task(*, task: StayTask, done: bool, by: User) -> StayTask:
    row = StayTask.objects.select_for_update(of=("self",)).select_related("stay").get(pk=task.pk)
    demand(by, "do", row, _("This is the affair of: %(who)s.") % {"who": row.get_owner_display()})
    if row.kind == StayTask.Kind.TRAINING:
        raise ValidationError(_("The certificate of the training ticks it off."), code="by_certificate")
    if done != bool(row.done_at):
        StayTask.objects.filter(pk=row.pk).update(done_at=Now() if done else None, done_by=by if done else None)
    row.refresh_from_db()
    return row


def _owners(task: StayTask) -> list[User]:
    stay = task.stay
    if task.owner == StayTask.Owner.SCIENTIST:
        return [stay.applicant] if stay.applicant else []
    return speakers_of(stay.home if task.owner == StayTask.Owner.HOME else stay.host)


# --- The report


@transaction.atomic
def write_report(*, stay: Stay, text: str, submit: bool, by: User) -> StayReport:
    """A draft is seen by the scientist alone. Once it is submitted it changes no more, unless an officer returns it."""
    row = locked(stay)
    demand(by, "write", row, _("The scientist can do this."))
    if row.state not in (State.UNDER_WAY, State.REPORT_DUE):
        raise ValidationError(_("The stay is not under way, or its report is accepted already."), code="wrong_state")
    report = StayReport.objects.filter(stay=row).first() or StayReport(stay=row)
    if report.submitted_at:
        if report.text == text:
            return report
        raise ValidationError(_("The report is submitted already."), code="submitted")
    if submit and not text.strip():
        raise ValidationError(_("Write what came of the stay."), code="incomplete")
    report.text = text
    report.save()
    if submit:
        StayReport.objects.filter(pk=report.pk).update(submitted_at=Now())
        announce("stay.reported", row, actor=by, to=[*everyone_in(row), *officers()], context=facts(row))
    report.refresh_from_db()
    return report


@transaction.atomic
def confirm_report(*, report: StayReport, by: User) -> StayReport:
    """The host says that it was so. Twice is once."""
    demand(by, "agree", locked(report.stay), _("A focal point or deputy of the host can do this."))
    row = StayReport.objects.get(pk=report.pk)
    if row.submitted_at is None:
        raise ValidationError(_("The report is not submitted yet."), code="no_report")
    StayReport.objects.filter(pk=row.pk, confirmed_at__isnull=True).update(confirmed_at=Now(), confirmed_by=by)
    row.refresh_from_db()
    return row


@transaction.atomic
def judge_report(*, report: StayReport, accept: bool, answer: str, by: User) -> None:
    """An officer accepts it, or returns it with a reason."""
    stay = locked(report.stay)
    demand(by, "approve", stay, _("An officer who acts for neither institution can do this."))
    row = StayReport.objects.filter(pk=report.pk)
    if not row.filter(submitted_at__isnull=False).exists():
        raise ValidationError(_("The report is not submitted yet."), code="no_report")
    if accept:
        row.update(answer=answer)
        move_stay(stay, State.REPORT_ACCEPTED, by=by, tell=everyone_in(stay))
        return
    if not answer.strip():
        raise ValidationError(_("Say what is to be changed."), code="no_reason")
    if stay.state not in (State.UNDER_WAY, State.REPORT_DUE):
        raise ValidationError(_("The report is accepted already."), code="accepted")
    row.update(answer=answer, submitted_at=None, confirmed_at=None, confirmed_by=None)
    announce("stay.report_returned", stay, actor=by, to=everyone_in(stay), context=facts(stay))


# --- The clock: each run does what is due and was not done, and a second run finds nothing


def advance_stays() -> int:
    """Says how many stays were moved and how many people were reminded."""
    missed = Q(held_up_on__isnull=False, ends_on__lt=Today())  # nobody was there; its people cancel it
    begun = Stay.objects.filter(~missed, state=State.SCHEDULED, starts_on__lte=Today())
    over = Stay.objects.filter(state=State.UNDER_WAY, ends_on__lt=Today())
    accepted = Stay.objects.filter(state=State.REPORT_ACCEPTED)
    moved = sum(
        _advance(pk, to)
        for rows, to in ((begun, State.UNDER_WAY), (over, State.REPORT_DUE), (accepted, State.CLOSED))
        for pk in list(rows.order_by("pk").values_list("pk", flat=True))
    )
    return moved + _try_again() + _tick_trainings() + _remind_of_tasks() + _remind_of_reports()


@transaction.atomic
def _advance(pk: int, to: str) -> bool:
    stay = Stay.objects.select_related("offer", "home", "host", "applicant").get(pk=pk)
    try:
        with transaction.atomic():
            move_stay(stay, to, by=None, tell=everyone_in(stay))
    except WrongState:  # moved by another run
        return False
    except ValidationError as problem:
        if getattr(problem, "code", "") != "untrained":
            raise
        return _hold_up(stay, problem)
    return True


def _hold_up(stay: Stay, problem: ValidationError) -> bool:
    """Told once; it begins when the certificate is there, until its last day."""
    if not Stay.objects.filter(pk=stay.pk, held_up_on__isnull=True).update(held_up_on=Today()):
        return False
    told = facts(stay) | {"what": " ".join(problem.messages)}
    announce("stay.held_up", stay, actor=None, to=everyone_in(stay), context=told)
    return True


def _tick_trainings() -> int:
    """Whoever has the certificates need not say so; when one is revoked, the task is open again."""
    soon = [State.APPROVED, State.SCHEDULED]
    tasks = StayTask.objects.filter(kind=StayTask.Kind.TRAINING, stay__state__in=soon).select_related("stay__offer")
    changed = 0
    for task in tasks.order_by("pk"):
        is_done = not missing_courses(task.stay).exists()
        if is_done != bool(task.done_at):
            changed += StayTask.objects.filter(pk=task.pk).update(done_at=Now() if is_done else None)
    return changed


def _try_again() -> int:
    """Agreed stays of programmes without an officer, where a place has become free."""
    waiting = Stay.objects.filter(state=State.AGREED).filter(
        Q(offer__programme__isnull=True) | Q(offer__programme__needs_approval=False)
    )
    approved = 0
    for stay in list(waiting.order_by("submitted_at", "pk")):
        with transaction.atomic():
            row = locked(stay)
            approved += row.state == State.AGREED and approve_by_itself(row)
    return approved


def _remind_of_tasks() -> int:
    rows = StayTask.objects.filter(
        done_at__isnull=True,
        reminded_on__isnull=True,
        due_on__lte=Today() + BEFORE_TASKS,
        stay__state__in=[State.APPROVED, State.SCHEDULED],
    )
    return sum(_remind_of_task(pk) for pk in list(rows.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _remind_of_task(pk: int) -> bool:
    if not StayTask.objects.filter(pk=pk, done_at__isnull=True, reminded_on__isnull=True).update(reminded_on=Today()):
        return False
    related = ("stay__offer", "stay__home", "stay__host", "stay__applicant")
    task = StayTask.objects.select_related(*related).get(pk=pk)
    told = facts(task.stay) | {"task": task.get_kind_display(), "due_on": task.due_on}
    announce("stay.task", task.stay, actor=None, to=_owners(task), context=told)
    return True


def late_reports():
    """Stays whose report is not with the alliance although its day has come, and whose people were not reminded lately."""
    unfinished = Q(report__isnull=True) | Q(report__submitted_at__isnull=True) | Q(report__confirmed_at__isnull=True)
    lately = Q(reminded_on__isnull=True) | Q(reminded_on__lte=Today() - AGAIN_AFTER)
    due_on = ExpressionWrapper(
        F("ends_on") + Coalesce("offer__programme__report_within_days", REPORT_WITHIN), output_field=DateField()
    )
    return (
        Stay.objects.filter(unfinished, lately, state=State.REPORT_DUE).alias(due_on=due_on).filter(due_on__lte=Today())
    )


def _remind_of_reports() -> int:
    return sum(_remind_of_report(pk) for pk in list(late_reports().order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _remind_of_report(pk: int) -> bool:
    if not late_reports().filter(pk=pk).update(reminded_on=database_today()):
        return False
    stay = Stay.objects.select_related("offer", "home", "host", "applicant").get(pk=pk)
    announce("stay.report_late", stay, actor=None, to=everyone_in(stay), context=facts(stay))
    return True
