"""What training knows of people: see toolkit.personal. That somebody took part stays, and then names nobody."""

from typing import Any

from accounts.models import User
from centers.models import Certificate, Participant
from toolkit.personal import Joining, Joins, leave, rows

TEXTS = {"centers.Certificate"}
FREE = {
    "centers.Center",
    "centers.CenterSite",
    "centers.CenterInstitution",
    "centers.Facility",
    "centers.Course",
    "centers.CourseSession",
    "centers.Participant",
}


def _join_participants(joining: Joining) -> None:
    """Who took part in one session under both accounts took part once, and keeps the certificate."""
    for row in joining.coming:
        twin = joining.there.filter(session=row.session_id).first()
        if twin is None:
            continue
        if not twin.certificates.filter(revoked_at__isnull=True).exists():
            Participant.objects.filter(pk=twin.pk).update(attended=row.attended, signed_off_at=row.signed_off_at)
            row.certificates.update(participant=twin)
        row.delete()
    joining.coming.update(person=joining.kept)


JOINS: Joins = {
    "centers.Participant.person": _join_participants,
    "centers.Certificate.by": leave,
}


def export(user: User) -> dict[str, Any]:
    return {
        "trainings": rows(
            Participant.objects.filter(person=user),
            *("session__course__name", "session__course__center__name", "session__starts_on", "session__ends_on"),
            *("signed_up_at", "signed_off_at", "attended"),
        ),
        "certificates": rows(
            Certificate.objects.filter(participant__person=user),
            *("year", "serial", "content", "issued_at", "valid_until", "revoked_at"),
        ),
    }
