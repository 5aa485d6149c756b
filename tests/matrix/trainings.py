"""Training at centers: its part of the small world, the rules a second time, and the answers of its addresses."""

import datetime

from centers.models import CenterInstitution, Certificate, CourseSession, Participant
from tests.factories import CenterFactory, course_at
from tests.matrix.cells import SIGN_IN, Row, desk, signed_in, who
from tests.matrix.roles import ANONYMOUS, PEOPLE, SECRETARIAT
from toolkit.clock import utc_today

DAY = datetime.timedelta(days=1)


def build(world) -> None:
    """One session to come and one that is over, at a center of the own institution and at one elsewhere."""
    today = utc_today()
    people = world.people
    for center, host in ((world.center, None), (CenterFactory(), world.elsewhere)):
        course = course_at(center, host=host)
        to_come = CourseSession.objects.create(
            course=course, starts_on=today + 30 * DAY, ends_on=today + 30 * DAY, places=40
        )
        over = CourseSession.objects.create(course=course, starts_on=today - DAY, ends_on=today - DAY, places=9)
        Participant.objects.create(session=over, person=people["colleague"])
        one = Participant.objects.create(session=over, person=people["scientist"], attended=True)
        certificate = Certificate.objects.create(
            participant=one, year=2026, serial=Certificate.objects.count() + 1, code=f"of-the-{center.pk}", content={}
        )
        if center == world.center:
            world.course, world.training, world.training_over, world.certificate = course, to_come, over, certificate
    # Who leads a center does not give its training.
    CenterInstitution.objects.create(center=course.center, institution=world.own, role="lead", name_as_given="Own")
    Certificate.objects.filter(pk=world.certificate.pk).update(
        code="of-the-training",
        digest="0" * 64,
        content={
            **dict.fromkeys(("name", "course", "center", "place", "signed_by"), "A"),
            **dict.fromkeys(("starts_on", "ends_on", "issued_on", "valid_until"), today.isoformat()),
        },
    )


# --- The rules a second time


def _hosts(who, center) -> bool:
    hosting = center.participations.filter(role="host").values_list("institution", flat=True)
    return who.secretariat or any(map(who.acts, hosting))


TRAINING_POLICY = {
    "centers.write_course": lambda who, row: _hosts(who, row.center),
    "centers.write_coursesession": lambda who, row: _hosts(who, row.course.center),
    "centers.view_participant": lambda who, row: who.is_(row.person_id) or _hosts(who, row.session.course.center),
    "centers.view_certificate": lambda who, row: (
        who.is_(row.participant.person_id) or _hosts(who, row.participant.session.course.center)
    ),
}


# --- The addresses

HOSTS = PEOPLE | SECRETARIAT


def hosts(answer: int) -> dict:
    """Everybody may know of a training; what its hosts do is theirs."""
    return who(403, (ANONYMOUS, SIGN_IN), (HOSTS, answer))


def to_come(world) -> dict:
    return {"pk": world.training.pk}


def over(world) -> dict:
    return {"pk": world.training_over.pk}


def course(world) -> dict:
    return {"pk": world.course.pk}


def certificate(world) -> dict:
    return {"pk": world.certificate.pk}


TRAININGS = {
    "centers:session": Row(get=200, path=to_come),
    "centers:sign_up": Row(post=who(302, (ANONYMOUS, SIGN_IN), ("unverified", 403)), path=to_come),
    "centers:sign_off": Row(post=signed_in(302), path=to_come),
    "centers:certificate": Row(get=200, post=422, path=lambda world: {"code": "of-the-training"}),
    "centers:certificate [guessed]": Row(get=404, post=404, path=lambda world: {"code": "guessed"}),
    "centers:trainings": Row(get=signed_in()),
    "centers:course_begin": Row(
        get=desk((HOSTS | {"focal point elsewhere"}, 200)), post=desk((HOSTS | {"focal point elsewhere"}, 422))
    ),
    "centers:course": Row(get=hosts(200), post=hosts(422), path=course),
    "centers:session_add": Row(post=hosts(422), path=course),
    "centers:session_desk": Row(get=hosts(200), post=hosts(302), path=over),
    "centers:session_cancel": Row(post=hosts(302), path=to_come),
    "centers:session_certify": Row(post=hosts(302), path=over),
    "centers:certificate_pdf": Row(get=desk((HOSTS | {"scientist"}, 200)), path=certificate),
    "centers:certificate_revoke": Row(post=desk(("scientist", 403), (HOSTS, 302)), path=certificate),
}
