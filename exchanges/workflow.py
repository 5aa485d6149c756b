"""The states of offers and stays, imported by ExchangesConfig.ready()."""

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from centers.models import Certificate
from exchanges.models import Offer, Stay
from toolkit.clock import Today
from workflow.tables import Move, Table


def is_complete(offer: Offer) -> None:
    """Places, a first day and a deadline that the database's clock has not passed."""
    missing = [
        name
        for name, value in [
            (_("places"), offer.places),
            (_("a first day"), offer.starts_on),
            (_("a deadline"), offer.apply_by),
        ]
        if not value
    ]
    if missing:
        raise ValidationError(_("An open offer needs %(what)s.") % {"what": ", ".join(map(str, missing))})
    if not Offer.objects.filter(pk=offer.pk, apply_by__gt=Now()).exists():
        raise ValidationError(_("The deadline has passed already."))


OFFER = Table(
    Offer,
    "state",
    Move("draft", "open", by=("officer", "host"), guard=is_complete, tells="offer.opened"),
    Move("open", "closed", by=("officer", "host")),
    Move("closed", "open", by=("officer",), guard=is_complete),
)


def has_begun(stay: Stay) -> None:
    if not Stay.objects.filter(pk=stay.pk, starts_on__lte=Today()).exists():
        raise ValidationError(_("Its first day has not come yet."), code="too_early")


def can_begin(stay: Stay) -> None:
    """ValidationError `too_early`, or `untrained` with the names of what is missing."""
    has_begun(stay)
    if missing := list(missing_courses(stay)):
        names = ", ".join(course.name for course in missing)
        raise ValidationError(_("Training is missing: %(names)s.") % {"names": names}, code="untrained")


def needed_courses(stay: Stay):
    """The training that its offer asks for; `is_held`: the person has a certificate that holds until the last day."""
    # Nobody is no person whose certificates would count.
    held = Certificate.objects.filter(participant__person__isnull=False, participant__person=stay.applicant_id)
    good = held.filter(participant__session__course=OuterRef("pk")).good_through(stay.ends_on or Today())
    return stay.offer.trainings.select_related("center").annotate(is_held=Exists(good))


def missing_courses(stay: Stay):
    return needed_courses(stay).filter(is_held=False)


def has_ended(stay: Stay) -> None:
    if not Stay.objects.filter(pk=stay.pk, ends_on__lt=Today()).exists():
        raise ValidationError(_("Its last day has not passed yet."), code="too_early")


def is_agreed(stay: Stay) -> None:
    if stay.acts.filter(agrees=True).count() < 2:
        raise ValidationError(_("Home and host have not both agreed."), code="not_agreed")


def is_reported(stay: Stay) -> None:
    report = getattr(stay, "report", None)
    if report is None or report.submitted_at is None:
        raise ValidationError(_("The report is not submitted yet."), code="no_report")
    if report.confirmed_at is None:
        raise ValidationError(_("The host has not confirmed the report yet."), code="not_confirmed")


State = Stay.State
BOTH = ("support", "agree")
STAY = Table(
    Stay,
    "state",
    Move(State.DRAFT, State.SUBMITTED, by=("write",), tells="stay.submitted", label=_("Submit")),
    Move(State.DRAFT, State.WITHDRAWN, by=("write",), label=_("Throw it away")),
    Move(State.SUBMITTED, State.AGREED, by=BOTH, guard=is_agreed, tells="stay.agreed"),
    Move(State.SUBMITTED, State.DECLINED, by=BOTH, tells="stay.declined"),
    Move(State.AGREED, State.APPROVED, by=("approve", "clock"), guard=is_agreed, tells="stay.approved"),
    Move(State.AGREED, State.DECLINED, by=("approve",), tells="stay.declined"),
    Move(State.APPROVED, State.SCHEDULED, by=("agree",), tells="stay.scheduled"),
    Move(State.SCHEDULED, State.UNDER_WAY, by=("clock",), guard=can_begin),
    Move(State.UNDER_WAY, State.REPORT_DUE, by=("clock",), guard=has_ended, tells="stay.report_due"),
    Move(State.REPORT_DUE, State.REPORT_ACCEPTED, by=("approve",), guard=is_reported, tells="stay.report_accepted"),
    Move(State.REPORT_ACCEPTED, State.CLOSED, by=("clock",)),
    *(
        Move(source, State.WITHDRAWN, by=("write",), tells="stay.withdrawn", label=_("Withdraw"))
        for source in (State.SUBMITTED, State.AGREED, State.APPROVED, State.SCHEDULED)
    ),
    *(
        Move(source, State.CANCELLED, by=(*BOTH, "approve"), tells="stay.cancelled", label=_("Cancel the stay"))
        for source in (State.APPROVED, State.SCHEDULED)
    ),
    names={
        "write": _("the scientist"),
        "support": _("a focal point or deputy of the home institution"),
        "agree": _("a focal point or deputy of the host"),
        "approve": _("an officer who acts for neither institution"),
    },
)
