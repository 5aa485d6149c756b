"""Training at centers: what a host gives, and who takes part."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.forms import ModelForm
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from accounts.permissions import has_confirmed_address, is_secretariat
from centers.models import Center, Certificate, Course, CourseSession, Participant
from members.permissions import acting_for
from notifications.actions import announce
from toolkit.clock import Today


def centers_of(user: User) -> list[Center]:
    """The centers at which this person may give courses: those that the own institutions host; all for the secretariat."""
    centers = Center.objects.visible_to(user).active()
    if not is_secretariat(user):
        centers = centers.hosted_among(acting_for(user))
    return list(centers.order_by("sort_key").only("name", "acronym"))


def demand_host(user: User, row: Course | CourseSession) -> None:
    demand(user, "write", row, _("The people of an institution that hosts the center can do this."))


@transaction.atomic
def save_course(*, form: ModelForm, by: User) -> Course:
    """A new one, or one that is known."""
    course: Course = form.instance
    if course.pk is None and course.center not in centers_of(by):
        raise PermissionDenied(_("The people of an institution that hosts the center can do this."))
    if course.pk is not None:
        demand_host(by, course)
    form.save()
    return course


@transaction.atomic
def add_session(*, form: ModelForm, by: User) -> CourseSession:
    """Those who follow the center are told."""
    session: CourseSession = form.instance
    demand_host(by, session.course)
    form.save()
    announce(
        "training.announced", session, actor=by, about=[f"center:{session.course.center_id}"], context=facts(session)
    )
    return session


@transaction.atomic
def cancel_session(*, session: CourseSession, by: User) -> CourseSession:
    """Before its last day has passed; whoever takes part is told. Twice is once."""
    row = locked(session)
    demand_host(by, row)
    if row.cancelled_at is None:
        if not CourseSession.objects.filter(pk=row.pk, ends_on__gte=Today()).exists():
            raise ValidationError(_("It is over already."), code="over")
        if Certificate.objects.filter(participant__session=row, revoked_at__isnull=True).exists():
            raise ValidationError(_("It was given: certificates are issued already."), code="certified")
        CourseSession.objects.filter(pk=row.pk).update(cancelled_at=Now())
        announce("attendance.called_off", row, actor=by, to=people_of(row), context=facts(row))
    row.refresh_from_db()
    return row


@transaction.atomic
def sign_up(*, session: CourseSession, by: User) -> Participant:
    """A place, while there is one and until it begins. Twice is once. ValidationError `closed` or `full`."""
    if not has_confirmed_address(by):
        raise PermissionDenied(_("Confirm your e-mail address first."))
    row = locked(session)
    known = row.participants.filter(person=by).first()
    if known and known.signed_off_at is None:
        return known
    if not CourseSession.objects.to_come().filter(pk=row.pk).exists():
        raise ValidationError(_("It takes no more participants: it has begun, or is called off."), code="closed")
    if row.participants.taking_part().count() >= row.places:
        raise ValidationError(_("All places are taken."), code="full")
    if known:
        row.participants.filter(pk=known.pk).update(signed_off_at=None, signed_up_at=Now())
        known.refresh_from_db()
        return known
    return Participant.objects.create(session=row, person=by)


@transaction.atomic
def sign_off(*, session: CourseSession, by: User) -> None:
    """Until it begins. Who does not take part has nothing to sign off from."""
    row = locked(session)
    if not CourseSession.objects.to_come().filter(pk=row.pk).exists():
        raise ValidationError(_("It has begun, or is called off: you need not sign off any more."), code="closed")
    row.participants.taking_part().filter(person=by).update(signed_off_at=Now())


@transaction.atomic
def record_attendance(*, session: CourseSession, attended: Mapping[int, bool | None], by: User) -> None:
    """By number of the participant, from the first day on. Who has a certificate attended, until it is revoked."""
    row = locked(session)
    demand_host(by, row)
    if not CourseSession.objects.filter(pk=row.pk, cancelled_at__isnull=True, starts_on__lte=Today()).exists():
        raise ValidationError(_("It has not begun yet, or is called off."), code="too_early")
    certified = Certificate.objects.filter(participant__session=row, revoked_at__isnull=True).values("participant")
    for participant in row.participants.taking_part().filter(pk__in=attended).exclude(pk__in=certified):
        if participant.attended != attended[participant.pk]:
            row.participants.filter(pk=participant.pk).update(attended=attended[participant.pk])


def locked(session: CourseSession) -> CourseSession:
    rows = CourseSession.objects.select_for_update(of=("self",), no_key=True).select_related("course__center")
    return rows.get(pk=session.pk)


def people_of(session: CourseSession) -> list[User]:
    taking_part = session.participants.taking_part().filter(person__isnull=False).select_related("person")
    return [one.person for one in taking_part if one.person]


def facts(session: CourseSession) -> dict[str, Any]:
    return {
        "center": session.course.center.name,
        "starts_on": session.starts_on,
        "ends_on": session.ends_on,
        "place": session.place,
    }
