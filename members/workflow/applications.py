"""The way of an application into the alliance, imported by MembersConfig.ready()."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.models import Institution, Membership, MembershipApplication
from workflow.tables import CLOCK, Move, Table

State = MembershipApplication.State

SECRETARIAT = ("decide",)
# Who has no account acts through the link in the mail; for the table, that is nobody who has signed in.
APPLICANT = ("answer", CLOCK)


def is_complete(application: MembershipApplication) -> None:
    needed = ["contact_name", "contact_position", "contact_email", "motivation", "consents"]
    if not application.institution_id:
        needed += ["name", "language", "kind", "country_id", "city"]
    if not all(getattr(application, name) for name in needed):
        raise ValidationError(_("Something is missing: go through the answers once more."), code="incomplete")
    stands_free(application)


def can_be_checked(application: MembershipApplication) -> None:
    if not application.institution_id:
        raise ValidationError(_("Say first which institution this is."), code="unknown")
    stands_free(application)


def stands_free(application: MembershipApplication) -> None:
    """Neither a member nor waiting already. The institution is locked, so that two cannot pass at once."""
    if application.institution_id:
        Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=application.institution_id)
        institution = Institution.objects.with_standing().get(pk=application.institution_id)
        if obstacle := what_stands(institution, but=application):
            raise ValidationError(obstacle, code="stands")


def what_stands(institution: Institution, but: MembershipApplication | None = None) -> str:
    """Why an institution (from `with_standing()`) cannot apply now, or nothing. Tells no more than that."""
    standing: str | None = institution.standing  # type: ignore[attr-defined]
    if standing == Membership.Standing.MEMBER:
        return str(_("This institution is a member already."))
    if standing == Membership.Standing.SUSPENDED:
        return str(_("The membership of this institution is suspended; the secretariat can say what follows."))
    if institution.record_status != Institution.RecordStatus.ACTIVE:
        return str(_("This institution is no longer active."))
    others = MembershipApplication.objects.open().filter(institution=institution)
    if others.exclude(pk=but.pk if but else None).exists():
        return str(_("An application of this institution is open already."))
    return ""


APPLICATION = Table(
    MembershipApplication,
    "state",
    Move(State.DRAFT, State.SUBMITTED, by=("write",), guard=is_complete, tells="membership.applied"),
    Move(State.UNCONFIRMED, State.SUBMITTED, by=(CLOCK,), guard=is_complete, tells="membership.applied"),
    Move(State.SUBMITTED, State.CHECKING, by=SECRETARIAT, guard=can_be_checked, label=_("Accept into check")),
    Move(State.CHECKING, State.ASKED, by=SECRETARIAT, label=_("Ask a question")),
    Move(State.ANSWERED, State.ASKED, by=SECRETARIAT, label=_("Ask another question")),
    Move(State.ASKED, State.ANSWERED, by=APPLICANT, tells="membership.answered", label=_("Answer")),
    Move(State.ASKED, State.CHECKING, by=SECRETARIAT, label=_("Go on without an answer")),
    Move(State.CHECKING, State.CHECKED, by=SECRETARIAT, label=_("The check is done")),
    Move(State.ANSWERED, State.CHECKED, by=SECRETARIAT, label=_("The check is done")),
    Move(State.CHECKED, State.CHECKING, by=SECRETARIAT, label=_("Check again")),
    Move(State.CHECKED, State.ENDORSED, by=SECRETARIAT, label=_("Record the endorsement")),
    Move(State.ENDORSED, State.ADMITTED, by=SECRETARIAT, label=_("Record the admission")),
    *(Move(state, State.REFUSED, by=SECRETARIAT, label=_("Refuse")) for state in MembershipApplication.OPEN),
    *(
        Move(state, State.WITHDRAWN, by=APPLICANT, tells="membership.withdrawn", label=_("Withdraw"))
        for state in MembershipApplication.OPEN
    ),
    names={
        "write": _("the applicant"),
        "answer": _("the applicant, a focal point of the institution or a deputy"),
        "decide": _("an officer who has no part in the institution"),
        CLOCK: _("who has the link of the mail"),
    },
)
