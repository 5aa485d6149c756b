"""Decisions on the standing of an institution in the alliance."""

import datetime
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.models import Institution, InstitutionRole, Meeting, Membership, MembershipApplication
from members.permissions import SPEAKERS
from notifications.actions import announce
from toolkit.dates import Precision, format_date

Standing = Membership.Standing

# What may follow on what, outside an application; None is a partner. All else is a correction, made in the administration.
NEXT: dict[str | None, tuple[Standing, ...]] = {
    None: (Standing.OBSERVER,),
    Standing.CANDIDATE: (Standing.PARTNER, Standing.OBSERVER),
    Standing.ENDORSED: (Standing.PARTNER, Standing.OBSERVER),
    Standing.OBSERVER: (Standing.LEFT,),
    Standing.MEMBER: (Standing.SUSPENDED, Standing.OBSERVER, Standing.LEFT),
    Standing.SUSPENDED: (Standing.MEMBER, Standing.LEFT),
    Standing.LEFT: (Standing.MEMBER, Standing.OBSERVER),
}
# Public facts, which those hear of who follow the institution or its country.
TOLD = {
    Standing.OBSERVER: "membership.observer",
    Standing.SUSPENDED: "membership.suspended",
    Standing.LEFT: "membership.left",
}


@transaction.atomic
def change_standing(
    *,
    institution: Institution,
    standing: str,
    starts_on: datetime.date,
    by: User,
    meeting: Meeting | None = None,
    note: str = "",
    source_urls: Sequence[str] = (),
) -> Membership:
    """A decision of the alliance without an application: observer, suspension, leaving, return."""
    demand(by, "decide", institution, _("An officer who does not act for the institution can do this."))
    before = _lock(institution)
    if institution.applications.open().exists():
        raise ValidationError(_("Its application to join is open: decide on that."), code="open")
    if standing not in NEXT[standing_of(before)]:
        raise ValidationError(_("This does not follow on what the institution is now."), code="standing")
    decision = _record(institution, standing, starts_on, before, meeting, note=note, source_urls=list(source_urls))
    kind = "membership.returned" if standing == Standing.MEMBER else TOLD.get(Standing(standing))
    if kind:
        _tell(decision, kind, by=by, to=speakers_of(institution))
    return decision


@transaction.atomic
def decide_standing(
    *,
    application: MembershipApplication,
    standing: str,
    starts_on: datetime.date,
    by: User | None,
    meeting: Meeting | None = None,
    note: str = "",
) -> Membership:
    """A decision on an application; the move that it belongs to has asked who may. Candidacies are nobody's news."""
    institution = application.institution
    assert institution
    before = _lock(institution)
    decision = _record(institution, standing, starts_on, before, meeting, note=note, application=application)
    if standing == Standing.MEMBER:
        _tell(decision, "membership.admitted", by=by)
    return decision


def standing_of(decision: Membership | None) -> str | None:
    return None if decision is None or decision.standing == Standing.PARTNER else decision.standing


def latest_decision(institution: Institution) -> Membership | None:
    """Of all that is recorded, days to come included: the next one cannot lie before it."""
    return institution.memberships.latest_first().first()


def _lock(institution: Institution) -> Membership | None:
    """Two decisions on one institution take turns."""
    Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
    return latest_decision(institution)


def _record(
    institution: Institution,
    standing: str,
    starts_on: datetime.date,
    before: Membership | None,
    meeting: Meeting | None,
    **fields,
) -> Membership:
    if before and starts_on < before.starts_on:
        raise ValidationError(
            _("The decision before this one (%(standing)s) is of %(day)s; this one cannot be earlier.")
            % {"standing": before.get_standing_display(), "day": format_date(before.starts_on)},
            code="order",
        )
    if meeting and meeting.pk is None:  # written down with its first decision
        meeting.full_clean()
        meeting.save()
    decision = Membership(
        institution=institution,
        standing=standing,
        starts_on=starts_on,
        starts_precision=meeting.held_precision if meeting else Precision.DAY,
        meeting=meeting,
        **fields,
    )
    decision.full_clean()
    decision.save()
    return decision


def _tell(decision: Membership, kind: str, *, by: User | None, to: Iterable[User] = ()) -> None:
    institution = decision.institution
    facts = {"since": decision.starts_on, "meeting": str(decision.meeting) if decision.meeting else None}
    announce(kind, institution, actor=by, about=institution.topics(), to=to, context=facts)


def speakers_of(*institutions: Institution | int) -> list[User]:
    """Each once, whatever they speak for; an institution may be given by its key."""
    roles = InstitutionRole.objects.current().filter(institution__in=institutions, role__in=SPEAKERS)
    return list(User.objects.active().filter(pk__in=roles.values("user")))
