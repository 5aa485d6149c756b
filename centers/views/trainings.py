"""Training at centers: the page where somebody signs up, and the pages on which hosts give it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, get_visible_or_404
from centers.actions.certificates import issue_certificates
from centers.actions.courses import (
    add_session,
    cancel_session,
    centers_of,
    demand_host,
    record_attendance,
    save_course,
    sign_off,
    sign_up,
)
from centers.forms import AttendanceForm, CourseForm, SessionForm
from centers.models import Certificate, Course, CourseSession, Participant
from toolkit.clock import database_today

SHOWN = 100
SESSIONS_OF_A_COURSE = 5


# --- For everybody


@require_safe
def session_detail(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    own = None
    if request.user.is_authenticated:
        own = session.participants.filter(person=request.user).first()
    in_force = Certificate.objects.filter(participant=own, revoked_at__isnull=True)
    context = {
        "session": session,
        "left": max(0, session.places - session.taken),
        "is_to_come": session.cancelled_at is None and session.starts_on > database_today(),
        "takes_part": own is not None and own.signed_off_at is None,
        "certificate": in_force.first() if own else None,
        "may_write": can(request.user, "write", session),
    }
    return render(request, "centers/session_detail.html", context)


def _session(request: HttpRequest, pk: int) -> CourseSession:
    return get_visible_or_404(CourseSession.objects.for_rows(), request.user, pk=pk)


@require_POST
@login_required
def session_sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    said = _("You have a place. You find the training at your desk.")
    return _done(request, session.get_absolute_url(), lambda: sign_up(session=session, by=request.user), said)


@require_POST
@login_required
def session_sign_off(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    said = _("You are signed off, and somebody else can have the place.")
    return _done(request, session.get_absolute_url(), lambda: sign_off(session=session, by=request.user), said)


def _done(request: HttpRequest, back: str, act: Callable[[], Any], said: str = "") -> HttpResponse:
    try:
        act()
        if said:
            messages.success(request, said)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(back)


# --- At the desk


@require_safe
@login_required
def training_desk(request: HttpRequest) -> HttpResponse:
    """What somebody takes part in, with the certificates; and the courses of the own centers."""
    user = request.user
    in_force = Certificate.objects.visible_to(user).filter(revoked_at__isnull=True)
    own = Participant.objects.filter(person=user).taking_part().select_related("session__course__center")
    own = own.prefetch_related(Prefetch("certificates", in_force)).order_by("-session__starts_on", "-pk")
    centers = centers_of(user)
    courses = Course.objects.filter(center__in=centers).select_related("center")
    sessions = CourseSession.objects.with_taken().order_by("-starts_on", "-pk")[:SESSIONS_OF_A_COURSE]
    context = {
        "own": own[:SHOWN],
        "hosts": bool(centers),
        "courses": courses.prefetch_related(Prefetch("sessions", sessions, to_attr="latest"))[:SHOWN]
        if centers
        else [],
        "today": database_today(),
    }
    return render(request, "centers/training_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def course_begin(request: HttpRequest) -> HttpResponse:
    centers = centers_of(request.user)
    if not centers:
        raise Http404
    form = CourseForm(request.POST if request.method == "POST" else None, centers=centers)
    if request.method == "POST" and form.is_valid():
        course = save_course(form=form, by=request.user)
        messages.success(request, _("Saved. Now say on which days it is given."))
        return redirect("centers:course", course.pk)
    return render(request, "centers/course_edit.html", {"form": form}, status=422 if form.errors else 200)


def _course(request: HttpRequest, pk: int) -> Course:
    course = get_visible_or_404(Course.objects.select_related("center"), request.user, pk=pk)
    demand_host(request.user, course)
    return course


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def course_edit(request: HttpRequest, pk: int) -> HttpResponse:
    course = _course(request, pk)
    form = CourseForm(request.POST if request.method == "POST" else None, instance=course, centers=[])
    if request.method == "POST" and form.is_valid():
        save_course(form=form, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("centers:course", pk)
    return _show_course(request, course, form, SessionForm())


@require_POST
@login_required
def session_add(request: HttpRequest, pk: int) -> HttpResponse:
    course = _course(request, pk)
    form = SessionForm(request.POST, instance=CourseSession(course=course))
    if form.is_valid():
        add_session(form=form, by=request.user)
        messages.success(request, _("It stands on the page of the center, and those who follow the center are told."))
        return redirect("centers:course", pk)
    return _show_course(request, course, CourseForm(instance=course, centers=[]), form)


def _show_course(request: HttpRequest, course: Course, form: CourseForm, session_form: SessionForm) -> HttpResponse:
    sessions = course.sessions.with_taken().order_by("-starts_on", "-pk")
    context = {"course": course, "form": form, "session_form": session_form, "sessions": sessions[:SHOWN]}
    status = 422 if form.errors or session_form.errors else 200
    return render(request, "centers/course_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_desk(request: HttpRequest, pk: int) -> HttpResponse:
    """Who takes part and who was there."""
    session = _session(request, pk)
    demand_host(request.user, session)
    participants = list(
        session.participants.taking_part()
        .select_related("person")
        .prefetch_related(Prefetch("certificates", Certificate.objects.filter(revoked_at__isnull=True)))
    )
    today = database_today()
    open_ones = [one for one in participants if not one.certificates.all()]
    form = AttendanceForm(request.POST if request.method == "POST" else None, participants=open_ones)
    if request.method == "POST" and form.is_valid():
        try:
            record_attendance(session=session, attended=form.attended(), by=request.user)
            messages.success(request, _("Saved."))
            return redirect("centers:session_desk", pk)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
    has_begun = session.cancelled_at is None and session.starts_on <= today
    asked = has_begun and open_ones
    context = {
        "session": session,
        "participants": [one for one in participants if one not in open_ones] if asked else participants,
        "form": form if asked else None,
        "may_cancel": session.cancelled_at is None and session.ends_on >= today and len(open_ones) == len(participants),
        "to_certify": sum(one.attended is True for one in open_ones) if session.ends_on <= today else 0,
    }
    return render(request, "centers/session_desk.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def session_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    demand_host(request.user, session)
    said = _("It is called off, and all who take part are told.")
    return _done(request, _desk_of(session), lambda: cancel_session(session=session, by=request.user), said)


@require_POST
@login_required
def session_certify(request: HttpRequest, pk: int) -> HttpResponse:
    session = _session(request, pk)
    demand_host(request.user, session)

    def certify() -> None:
        issued = len(issue_certificates(session=session, by=request.user))
        said = ngettext("%(n)d certificate is issued.", "%(n)d certificates are issued.", issued) % {"n": issued}
        messages.success(request, said)

    return _done(request, _desk_of(session), certify)


def _desk_of(session: CourseSession) -> str:
    return f"/desk/training/{session.pk}/"
