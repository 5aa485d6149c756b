"""The certificate of a participant: numbered, made by the portal's one maker of PDF, verified by anybody who holds it."""

import datetime
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from centers.actions.courses import demand_host, facts, locked
from centers.models import Certificate, CourseSession, Participant
from notifications.actions import announce
from toolkit.clock import Today, database_today
from toolkit.documents.paper import Paper, Section, make_pdf
from toolkit.documents.proofs import day_on_paper, fingerprint, new_code, new_serial

BEFORE_EXPIRY = timedelta(days=60)


@transaction.atomic
def issue_certificates(*, session: CourseSession, by: User) -> list[Certificate]:
    """For all who attended and have none, once the last day has come; each is told. A second click finds nothing to do."""
    row = locked(session)
    demand_host(by, row)
    if not CourseSession.objects.filter(pk=row.pk, cancelled_at__isnull=True, ends_on__lte=Today()).exists():
        raise ValidationError(_("Certificates are issued on the last day or later."), code="too_early")
    waiting = row.participants.filter(attended=True, person__isnull=False)
    waiting = waiting.exclude(certificates__revoked_at__isnull=True, certificates__isnull=False)
    today, valid_until = database_today(), _valid_until(row)
    return [_issue(row, one, today, valid_until, by) for one in waiting.select_related("person").order_by("pk")]


def _valid_until(session: CourseSession) -> datetime.date | None:
    """PostgreSQL counts the months: from 31 January one month on is the last day of February."""
    if session.course.valid_months is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (%s::date + make_interval(months => %s))::date", [session.ends_on, session.course.valid_months]
        )
        until: datetime.date = cursor.fetchone()[0]
    return until


def _issue(
    session: CourseSession, participant: Participant, today: datetime.date, until: datetime.date | None, by: User
) -> Certificate:
    person, course = participant.person, session.course
    assert person
    certificate = Certificate(
        participant=participant,
        year=today.year,
        serial=new_serial(Certificate, today.year),
        code=new_code(),
        valid_until=until,
        by=by,
        content={
            "name": person.name,
            "course": course.name,
            "center": course.center.name,
            "place": session.place,
            "starts_on": session.starts_on.isoformat(),
            "ends_on": session.ends_on.isoformat(),
            "issued_on": today.isoformat(),
            "valid_until": until.isoformat() if until else "",
            "signed_by": by.name,
        },
    )
    certificate.digest = fingerprint(certificate_pdf(certificate))
    certificate.save(force_insert=True)
    announce("attendance.certified", session, actor=by, to=[person], context=facts(session))
    return certificate


@transaction.atomic
def revoke_certificate(*, certificate: Certificate, by: User) -> None:
    """When it was issued by mistake: whoever verifies it is told so, and a stay that needs it does not begin. Twice is once."""
    row = Certificate.objects.select_related("participant__session__course__center").get(pk=certificate.pk)
    demand_host(by, row.participant.session)
    if Certificate.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=Now()):
        Participant.objects.filter(pk=row.participant_id).update(attended=None)


def address_of(certificate: Certificate) -> str:
    return f"{settings.PORTAL_BASE_URL}/centers/certificates/{certificate.code}/"


def certificate_pdf(certificate: Certificate) -> bytes:
    """In English, from what was frozen when it was issued: the same bytes each time."""
    with translation.override("en"):
        return make_pdf(_paper(certificate))


def _paper(certificate: Certificate) -> Paper:
    content = certificate.content
    first, last, issued, until = (
        day_on_paper(content[name]) for name in ("starts_on", "ends_on", "issued_on", "valid_until")
    )
    said = _("%(name)s has taken part in the training “%(course)s” at %(center)s.")
    return Paper(
        kicker=content["center"],
        title=_("Certificate of training"),
        language="en",
        date=content["issued_on"],
        footer=f"{certificate.number} · {address_of(certificate)}",
        lead=said % content,
        facts=[
            (_("Number"), certificate.number),
            (_("Issued"), issued),
            (_("Days"), f"{first} – {last}"),
            *([(_("Place"), content["place"])] if content["place"] else []),
            (_("Valid until"), until or _("without end")),
        ],
        sections=[
            Section(_("Signed for the center"), rows=[(_("By"), content["signed_by"])]),
            Section(_("How to verify this certificate"), rows=[(_("Address"), address_of(certificate))]),
        ],
    )


def remind_of_expiry() -> int:
    """Once for each certificate that soon ends, unless its person holds a longer one of the course."""
    rows = Certificate.objects.filter(
        revoked_at__isnull=True,
        reminded_on__isnull=True,
        valid_until__gte=Today(),
        valid_until__lte=Today() + BEFORE_EXPIRY,
    )
    return sum(_remind(pk) for pk in list(rows.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int) -> bool:
    if not Certificate.objects.filter(pk=pk, reminded_on__isnull=True).update(reminded_on=Today()):
        return False
    row = Certificate.objects.select_related("participant__session__course__center", "participant__person").get(pk=pk)
    session, person = row.participant.session, row.participant.person
    later = Certificate.objects.of(person, session.course).exclude(pk=pk).exclude(valid_until__lte=row.valid_until)
    if person is None or later.filter(revoked_at__isnull=True).exists():
        return False
    told = facts(session) | {"valid_until": row.valid_until}
    announce("attendance.expires", session, actor=None, to=[person], context=told)
    return True
