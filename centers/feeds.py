"""Dates of training, for calendars."""

from django.utils.translation import gettext as _

from centers.models import Certificate, Participant
from toolkit.calendars import Entry


def dates(user) -> list[Entry]:
    """Training in which somebody takes part, and the days on which the own certificates expire."""
    taking_part = Participant.objects.filter(person=user, session__cancelled_at=None).taking_part()
    entries = [
        Entry(
            f"training-{one.session.pk}",
            _("Training: %(title)s") % {"title": one.session.course.name},
            one.session.starts_on,
            one.session.get_absolute_url(),
            until=one.session.ends_on,
            text=one.session.course.center.name,
        )
        for one in taking_part.select_related("session__course__center").order_by("pk")
    ]
    in_force = Certificate.objects.filter(
        participant__person=user, revoked_at__isnull=True, valid_until__isnull=False
    ).select_related("participant__session__course")
    for certificate in in_force.order_by("pk"):
        session = certificate.participant.session
        title = _("Certificate expires: %(title)s") % {"title": session.course.name}
        assert certificate.valid_until
        entries.append(
            Entry(f"certificate-{certificate.pk}", title, certificate.valid_until, session.get_absolute_url())
        )
    return entries
