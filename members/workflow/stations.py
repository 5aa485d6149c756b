"""The stations of an application in words: what was done, who acts next, and what lies ahead if all goes well."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Meeting, MembershipApplication
from toolkit.clock import Today

State = MembershipApplication.State

SENTENCES: dict[str, str | Promise] = {
    State.SUBMITTED: gettext_lazy("Application sent"),
    State.CHECKING: gettext_lazy("Accepted into check; the institution is a candidate"),
    State.ASKED: gettext_lazy("Question asked"),
    State.ANSWERED: gettext_lazy("Question answered"),
    State.CHECKED: gettext_lazy("Check done"),
    State.ENDORSED: gettext_lazy("Endorsed by the board"),
    State.ADMITTED: gettext_lazy("Admitted by the assembly"),
    State.REFUSED: gettext_lazy("Refused"),
    State.WITHDRAWN: gettext_lazy("Withdrawn"),
}
NEXT: dict[str, tuple[str | Promise, str | Promise]] = {
    State.UNCONFIRMED: (gettext_lazy("You"), gettext_lazy("confirm the address, and the application is sent.")),
    State.DRAFT: (gettext_lazy("You"), gettext_lazy("look at the answers and send the application.")),
    State.SUBMITTED: (
        gettext_lazy("The secretariat"),
        gettext_lazy("reads the application and accepts it into check."),
    ),
    State.CHECKING: (gettext_lazy("The secretariat"), gettext_lazy("checks what the application says.")),
    State.ASKED: (gettext_lazy("You"), gettext_lazy("answer the question; until then the application waits.")),
    State.ANSWERED: (gettext_lazy("The secretariat"), gettext_lazy("reads the answer and goes on with the check.")),
    State.CHECKED: (
        gettext_lazy("The board"),
        gettext_lazy("decides at one of its meetings whether it endorses the application."),
    ),
    State.ENDORSED: (gettext_lazy("The assembly"), gettext_lazy("decides at its meeting on the admission.")),
}
# The stations of an application that succeeds, for the line of what has been and what is to come.
STATIONS = (State.SUBMITTED, State.CHECKING, State.CHECKED, State.ENDORSED, State.ADMITTED)


def next_step(application: MembershipApplication, *, for_applicant: bool = True) -> tuple[str, str] | None:
    """(who, does what); nothing where it has ended."""
    if application.state == State.ASKED and not for_applicant:
        return _("The applicant"), _("answers the question; until then the application waits.")
    found = NEXT.get(application.state)
    return (str(found[0]), str(found[1])) if found else None


def next_meeting(application: MembershipApplication) -> Meeting | None:
    """The first one that is known to come and could decide."""
    body = {State.CHECKED.value: Meeting.Body.BOARD, State.ENDORSED.value: Meeting.Body.ASSEMBLY}.get(application.state)
    coming = Meeting.objects.filter(body=body, held_on__gte=Today()) if body else Meeting.objects.none()
    return coming.order_by("held_on").first()


def next_sentence(application: MembershipApplication) -> str:
    step = next_step(application)
    return _("Next: %(who)s – %(what)s") % {"who": step[0], "what": step[1]} if step else ""


def to_come(application: MembershipApplication) -> list[str]:
    """The stations that lie ahead if all goes well."""
    if application.state in MembershipApplication.ENDED:
        return []
    behind: str = application.state
    if behind in (State.ASKED, State.ANSWERED):
        behind = State.CHECKING
    at = STATIONS.index(behind) + 1 if behind in STATIONS else 0
    return [str(SENTENCES[state]) for state in STATIONS[at:]]
