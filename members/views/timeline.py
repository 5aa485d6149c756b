"""What has happened to an application, in words: the same for those who apply and for the secretariat."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from members.models import ApplicationMessage, Membership, MembershipApplication
from members.workflow.stations import SENTENCES
from workflow.models import Step

State = MembershipApplication.State


@dataclass
class Entry:
    at: datetime.datetime
    sentence: str
    by: User | None
    decision: Membership | None = None
    text: str = ""  # a question or an answer
    reason: str = ""
    is_by_applicant: bool = False
    is_public: bool = False  # whether the reason is for those who apply, too
    is_last: bool = False


def timeline(application: MembershipApplication) -> list[Entry]:
    """Each step with what was said at it; three statements however many there were."""
    steps = list(Step.objects.of(application).select_related("by"))
    said = list(ApplicationMessage.objects.filter(application=application).order_by("pk"))
    questions = iter([message.text for message in said if message.is_question])
    answers = iter([message.text for message in said if not message.is_question])
    decided = {row.standing: row for row in application.decisions.select_related("meeting")}
    entries = [
        Entry(
            at=step.at,
            sentence=_sentence(step),
            by=step.by,
            decision=_decision(step.target, decided),
            text=next(questions, "")
            if step.target == State.ASKED
            else next(answers, "")
            if step.target == State.ANSWERED
            else "",
            reason=step.reason,
            is_by_applicant=step.target in (State.SUBMITTED, State.ANSWERED, State.WITHDRAWN),
            is_public=step.target in (State.REFUSED, State.WITHDRAWN),
        )
        for step in steps
    ]
    if entries:
        entries[-1].is_last = True
    return entries


def _sentence(step: Step) -> str:
    if step.target == State.CHECKING and step.source != State.SUBMITTED:
        return _("Check goes on")
    return str(SENTENCES.get(step.target, step.target))


def _decision(target: str, decided: dict[str, Membership]) -> Membership | None:
    if target == State.ENDORSED:
        return decided.get(Membership.Standing.ENDORSED)
    return decided.get(Membership.Standing.MEMBER) if target == State.ADMITTED else None
