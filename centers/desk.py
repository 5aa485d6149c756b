"""What waits around training: attendance that nobody has said yet, and certificates to issue. One statement for both."""

import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from centers.models import Certificate, CourseSession, Participant
from toolkit.clock import Today
from toolkit.desk import Item, Place, Request, oldest


def items(user) -> list[Item]:
    taking_part = Participant.objects.taking_part().filter(session=OuterRef("pk"), person__isnull=False)
    certified = Certificate.objects.filter(participant=OuterRef("pk"), revoked_at__isnull=True)
    unsaid = Exists(taking_part.filter(attended__isnull=True))
    uncertified = Exists(taking_part.filter(~Exists(certified), attended=True))
    mine = CourseSession.objects.filter(permission("write", CourseSession)(user)).values("pk")
    rows = CourseSession.objects.filter(
        Q(unsaid) | Q(uncertified), pk__in=mine, cancelled_at=None, ends_on__lte=Today()
    )
    return oldest(
        rows.annotate(is_unsaid=unsaid).select_related("course").order_by("ends_on", "pk"),
        lambda session: Item(
            datetime.datetime.combine(session.ends_on, datetime.time(12), datetime.UTC),
            _("attendance to note") if session.is_unsaid else _("certificates to issue"),
            session.course.name,
            reverse("centers:session_desk", args=[session.pk]),
        ),
        url=reverse("centers:trainings"),
    )


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    return [Place(_("Training"), reverse("centers:trainings"))]
