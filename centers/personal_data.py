"""What training knows of people: see toolkit.personal. That somebody took part stays, and then names nobody."""

from typing import Any

from django.db.models.functions import Coalesce, Now

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


def _weight(row: Participant) -> tuple[bool, bool, bool]:
    """Which of two rows of one person tells more: the one with a certificate, then that of who was there, or takes part."""
    has_certificate = row.certificates.filter(revoked_at__isnull=True).exists()
    return has_certificate, row.attended is True, row.signed_off_at is None


def _join_participants(joining: Joining) -> None:
    """Who took part in one session under both accounts took part once, and keeps the certificate."""
    for row in joining.coming:
        twin = joining.there.filter(session=row.session_id).first()
        if twin is None:
            continue
        if _weight(row) > _weight(twin):
            Participant.objects.filter(pk=twin.pk).update(attended=row.attended, signed_off_at=row.signed_off_at)
        if twin.certificates.filter(revoked_at__isnull=True).exists():
            row.certificates.update(
                revoked_at=Coalesce("revoked_at", Now())
            )  # one is enough, and its address stays known
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
