"""What waits around stays: drafts, answers of home and host, approvals, letters and reports. One statement for all of them."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from exchanges.models import Stay, StayAct, StayReport
from toolkit.desk import Item, Place, Request, oldest

State = Stay.State


def items(user) -> list[Item]:
    own, home, host, office = (permission(act, Stay)(user) for act in ("write", "support", "agree", "approve"))
    said = {kind: Exists(StayAct.objects.filter(stay=OuterRef("pk"), kind=kind)) for kind in StayAct.Kind.values}
    reports = StayReport.objects.filter(stay=OuterRef("pk"), submitted_at__isnull=False)
    to_write = own & (Q(state=State.DRAFT) | Q(state=State.REPORT_DUE) & ~Exists(reports))
    to_answer = Q(state=State.SUBMITTED) & (home & ~said["home"] | host & ~said["host"])
    to_host = host & (
        Q(state=State.APPROVED)
        | Q(state=State.SCHEDULED, held_up_on__isnull=False)
        | Q(state=State.REPORT_DUE) & Exists(reports.filter(confirmed_at__isnull=True))
    )
    to_decide = office & (
        Q(state=State.AGREED) | Q(state=State.REPORT_DUE) & Exists(reports.filter(confirmed_at__isnull=False))
    )
    rows = Stay.objects.filter(pk__in=Stay.objects.filter(to_write | to_answer | to_host | to_decide).values("pk"))
    return oldest(
        rows.for_rows().annotate(is_reported=Exists(reports)).order_by("changed_at", "pk"),
        lambda stay: Item(stay.changed_at, _what(stay), f"{stay.offer.title} ({stay})", stay.get_absolute_url()),
        url=reverse("exchanges:stays"),
    )


def _what(stay: Stay) -> str:
    match stay.state:
        case State.DRAFT:
            return _("stay not submitted yet")
        case State.SUBMITTED:
            return _("answer for a stay")
        case State.AGREED:
            return _("stay to approve")
        case State.APPROVED:
            return _("invitation letter to issue")
        case State.SCHEDULED:
            return _("stay that cannot begin: training is missing")
        case _other if stay.is_reported:  # type: ignore[attr-defined]
            return _("report on a stay to read")
        case _other:
            return _("report on a stay to write")


def mine(user) -> list[Request]:
    rows = Stay.objects.filter(applicant=user).for_rows().order_by("-changed_at", "-pk")[:10]
    return [
        Request(
            one.changed_at,
            _("Stay %(reference)s") % {"reference": one.reference},
            one.offer.title,
            one.get_absolute_url(),
            one.get_state_display(),
            next_step(one),
        )
        for one in rows
    ]


def next_step(stay: Stay) -> str:
    return {
        State.DRAFT: _("Next: the scientist submits it before the offer closes."),
        State.SUBMITTED: _("Next: home and host answer, each for itself."),
        State.AGREED: _("Next: the alliance approves it, if there is a place."),
        State.APPROVED: _("Next: the host issues the invitation letter; what has to be ready is listed below."),
        State.SCHEDULED: _("Next: the stay begins on its first day."),
        State.UNDER_WAY: _("Next: the stay ends, and its report is due."),
        State.REPORT_DUE: _("Next: the scientist reports, the host confirms, an officer accepts."),
        State.REPORT_ACCEPTED: _("Next: nothing; it closes by itself."),
    }.get(State(stay.state), "")


def places(user) -> list[Place]:
    return [Place(_("Exchanges"), reverse("exchanges:stays"))]
