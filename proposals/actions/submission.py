"""Submitting, opening again, taking back. The deadline is one statement on the database's clock."""

from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import demand
from accounts.models import User
from notifications.wake import wake_after_commit
from proposals.actions.content import (
    BASICS,
    BUDGET,
    PARTNERS,
    PLAN,
    Written,
    content_of,
    read,
)
from proposals.actions.eligibility import findings
from proposals.actions.files import mark_submitted
from proposals.actions.plans import outside
from proposals.actions.signing import everyone_in, facts, writers_of
from proposals.models import Proposal, SignOff, Submission
from toolkit.saving import digest
from workflow.actions import move

State = Proposal.State

# The instant that is tested is the one that is stored. FOR SHARE makes an officer who changes the deadline wait for this
# transaction, or this transaction for the officer; whoever comes second sees what the first one did.
TAKE = """
    UPDATE proposals_proposal AS proposal
       SET submitted_at = moment.now, changed_at = moment.now
      FROM (SELECT id, opens_at, closes_at + make_interval(mins => grace_minutes) AS last_moment
              FROM proposals_call WHERE id = %s AND state = 'published' FOR SHARE) AS call,
           (SELECT max(until) AS until FROM proposals_latecode WHERE proposal_id = %s) AS late,
           (SELECT clock_timestamp() AS now) AS moment
     WHERE proposal.id = %s AND proposal.call_id = call.id AND proposal.state IN ('draft', 'reopened')
       AND moment.now BETWEEN call.opens_at AND GREATEST(call.last_moment, late.until)
    RETURNING proposal.submitted_at
"""


class Missing(NamedTuple):
    """What stands between a proposal and its submission: the part where it is mended, and a sentence."""

    part: str
    sentence: str


def obstacles(proposal: Proposal, written: Written | None = None) -> list[Missing]:
    """Everything that is missing or against a rule of the call, in the order of the task list; `written` as for its content."""
    written, found = written or read(proposal), []
    for name, label in [
        ("title", _("the title")),
        ("summary", _("the summary")),
        ("starts_on", _("the first day")),
        ("ends_on", _("the last day")),
    ]:
        if not getattr(proposal, name):
            found.append(Missing(BASICS, _("Missing: %(what)s.") % {"what": label}))
    found += [Missing(PARTNERS, sentence) for sentence in _unsigned(written.partners)]
    if asked_for := list(proposal.institution_requests.waiting().values_list("name", flat=True)):
        text = ngettext(
            "%(names)s is not in the registry yet: the alliance looks at it.",
            "%(names)s are not in the registry yet: the alliance looks at them.",
            len(asked_for),
        )
        found.append(Missing(PARTNERS, text % {"names": ", ".join(asked_for)}))
    for part in written.parts:
        for question in part.questions.all():
            if question.required and not written.answers.get(question.pk):
                found.append(Missing(str(part.pk), _("Not answered: %(question)s") % {"question": question.label}))
    if not written.total and proposal.call.most_per_proposal:
        found.append(Missing(BUDGET, _("The budget has no line yet.")))
    found += [Missing(PLAN, sentence) for sentence in outside(proposal)]
    if proposal.call.most_per_proposal and written.total > proposal.call.most_per_proposal:
        most = f"{proposal.call.currency} {proposal.call.most_per_proposal:,.2f}"
        found.append(Missing(BUDGET, _("The budget is more than the call allows: %(most)s at most.") % {"most": most}))
    found += [Missing("rules", one.missing) for one in findings(proposal, written.partners) if not one.met]
    return found


def _unsigned(partners) -> list[str]:
    waiting = [partner.institution.name for partner in partners if partner.signed is None]
    declined = [partner.institution.name for partner in partners if partner.signed == SignOff.Answer.DECLINED]
    found = []
    if waiting:
        text = ngettext("%(names)s has not confirmed yet.", "%(names)s have not confirmed yet.", len(waiting))
        found.append(text % {"names": ", ".join(waiting)})
    if declined:
        text = ngettext("%(names)s has declined.", "%(names)s have declined.", len(declined))
        found.append(text % {"names": ", ".join(declined)})
    return found


@transaction.atomic
def submit_proposal(*, proposal: Proposal, by: User) -> Submission:
    """Freeze what it says and hand it in. A second click gets what the first one stored.

    ValidationError `incomplete` with a sentence for each obstacle, or `closed`.
    """
    rows = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("call", "applicant")
    row = rows.get(pk=proposal.pk)
    demand(by, "submit", row, _("The lead person, and whoever acts for the lead institution, can submit it."))
    if row.state == State.SUBMITTED:
        return row.submissions.latest("version")
    written = read(row)
    missing = obstacles(row, written)
    if missing:
        raise ValidationError([ValidationError(one.sentence, code="incomplete") for one in missing])
    instant = _take(row)
    if instant is None:
        raise ValidationError(
            _("The call does not take proposals now: it was not submitted. What you wrote is kept."), code="closed"
        )
    row.submitted_at = instant
    content = content_of(row, written)
    last = row.submissions.first()
    submission = Submission.objects.create(
        proposal=row,
        version=last.version + 1 if last else 1,
        content=content,
        digest=digest(content),
        submitted_at=instant,
        by=by,
    )
    mark_submitted(row)
    wake_after_commit("proposals.papers")
    move(
        row,
        State.SUBMITTED,
        by=by,
        tell=everyone_in(row),
        context=facts(row) | {"submitted_at": instant, "digest": submission.digest},
    )
    return submission


def _take(row: Proposal) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [row.call_id, row.pk, row.pk])
        found = cursor.fetchone()
    return found[0] if found else None


@transaction.atomic
def reopen_proposal(*, proposal: Proposal, by: User) -> Proposal:
    """Until the call closes. What was submitted stands until it is submitted again."""
    return move(proposal, State.REOPENED, by=by, tell=writers_of(proposal), context=facts(proposal))


@transaction.atomic
def withdraw_proposal(*, proposal: Proposal, by: User, reason: str = "") -> Proposal:
    """Of a draft that nobody has seen yet, nobody is told."""
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=proposal.pk)
    people = [] if row.state == State.DRAFT else everyone_in(row)
    return move(row, State.WITHDRAWN, by=by, reason=reason, tell=people, context=facts(row))
