"""The rules of calls and proposals a second time, row by row."""

import datetime
import functools

from django.utils import timezone

from exchanges.models import Stay
from members.models import Affiliation, InstitutionRelation, InstitutionRole
from projects.models import Project
from proposals.models import Call, CallReviewer, Partner, Proposal, Review, ReviewPlan


def once(rule):
    """Asked once of a person and a row: the same question stands behind many rules. A person lives as long as one comparison."""

    @functools.wraps(rule)
    def asked(who, row):
        known = vars(who).setdefault("answers", {})
        key = rule.__name__, row._meta.label, row.pk
        if key not in known:
            known[key] = rule(who, row)
        return known[key]

    return asked


LONG = datetime.timedelta(days=3 * 365)


@once
def is_given(who, call: Call) -> bool:
    if not who.secretariat or who.administrator:
        return who.administrator
    return call.officers.filter(user=who.user).exists()


def seen_call(who, call: Call) -> bool:
    return call.state != "draft" or who.secretariat


def call_to_answer(who, call: Call) -> bool:
    now = timezone.now()
    is_open = call.state == "published" and call.opens_at <= now <= call.closes_at
    invited = call.first_stage is None or any(
        proposal.state in ("accepted", "changes") and writes(who, proposal)
        for proposal in call.first_stage.proposals.all()
    )
    return is_open and invited and who.key is not None and who.user.email.lower() in who.addresses


def call_to_begin_late(who, call: Call) -> bool:
    is_over = call.state == "published" and call.first_stage is None and call.closes_at < timezone.now()
    return is_over and who.key is not None and who.user.email.lower() in who.addresses


def bonds(who) -> set[int]:
    """Institutions to which the person is bound, with their parents and children. Asked once for each person."""
    if not hasattr(who, "bonds"):
        who.bonds = _bonds(who)
    return who.bonds


def _bonds(who) -> set[int]:
    since = timezone.now() - LONG
    ended = lambda row: row.ends_on is not None and row.ends_on < since.date()  # noqa: E731
    found = {row.institution_id for row in InstitutionRole.objects.filter(user=who.key) if not ended(row)}
    found |= {row.institution_id for row in Affiliation.objects.filter(person__user=who.key) if not ended(row)}
    for stay in Stay.objects.filter(applicant=who.key, state__in=Stay.COMMITTED):
        found |= set() if ended(stay) else {stay.home_id, stay.host_id}
    near = set(found)
    for relation in InstitutionRelation.objects.filter(kind="parent"):
        pair = {relation.institution_id, relation.other_id}
        if pair & found:
            near |= pair
    for project in Project.objects.exclude(published_at=None):
        together = set(project.participations.values_list("institution", flat=True)) - {None}
        if together & found and not ended(project):
            near |= together
    return near


@once
def conflicted(who, proposal: Proposal) -> bool:
    institutions = set(proposal.partners.values_list("institution", flat=True))
    declared = any(who.is_(row.user_id) for row in proposal.conflicts.all())
    return who.is_(proposal.applicant_id) or declared or bool(institutions & bonds(who))


@once
def run(who, proposal: Proposal) -> bool:
    if proposal.submitted_at is None or not who.secretariat:
        return False
    return is_given(who, proposal.call) and not conflicted(who, proposal)


@once
def writes(who, proposal: Proposal) -> bool:
    lead = proposal.partners.get(role="lead")
    entered = who.is_(proposal.entered_by_id) and who.secretariat and not conflicted(who, proposal)
    return who.is_(proposal.applicant_id) or who.acts(lead.institution_id) or entered


def answers_request(who, proposal: Proposal) -> bool:
    return who.secretariat and is_given(who, proposal.call) and not conflicted(who, proposal)


def asked(who, partner: Partner) -> bool:
    return partner.asked_at is not None and who.speaks(partner.institution_id)


@once
def seen(who, proposal: Proposal) -> bool:
    return writes(who, proposal) or run(who, proposal) or any(asked(who, part) for part in proposal.partners.all())


def decision_seen(who, decision) -> bool:
    proposal = decision.proposal
    return run(who, proposal) or (decision.applied_at is not None and writes(who, proposal))


# --- Reviews


def is_reviewer(who) -> bool:
    return "reviewer" in who.alliance


@once
def own_review(who, review) -> bool:
    """Given to this reviewer, who has accepted, works somewhere, and has no conflict; and it is time."""
    if not (
        is_reviewer(who) and bonds(who) and who.is_(review.reviewer.user_id) and review.reviewer.state == "accepted"
    ):
        return False
    is_time = phase_of(review.proposal) != "preparing" and review.proposal.state not in ("draft", "withdrawn")
    return is_time and not conflicted(who, review.proposal)


def phase_of(proposal: Proposal) -> str:
    plan = ReviewPlan.objects.filter(call=proposal.call_id).first()
    return plan.phase if plan else ""


@once
def discusses(who, proposal: Proposal) -> bool:
    """Has handed in a review of it, and the phase is one in which all are read."""
    if phase_of(proposal) not in ("discussing", "panel", "closed"):
        return False
    return any(one.state == "submitted" and own_review(who, one) for one in proposal.reviews.all())


@once
def seen_review(who, review) -> bool:
    others = review.state == "submitted" and discusses(who, review.proposal)
    return own_review(who, review) or others or run(who, review.proposal)


def written_review(who, review) -> bool:
    is_time = phase_of(review.proposal) in ("reviewing", "discussing")
    return own_review(who, review) and is_time and review.state != "abstained"


def may_discuss(who, proposal: Proposal) -> bool:
    is_time = phase_of(proposal) in ("discussing", "panel")
    return is_time and (discusses(who, proposal) or run(who, proposal))


def about_hidden(who, label: str, key: str) -> bool:
    """Whether a step, an event or a mail tells of a proposal or a review that this person must not know of."""
    if label == "proposals.proposal":
        proposal = Proposal.objects.filter(pk=key).first()
        return proposal is None or not seen(who, proposal)
    if label == "proposals.review":
        review = Review.objects.filter(pk=key).first()
        return review is None or not seen_review(who, review)
    if label == "proposals.callreviewer":
        reviewer = CallReviewer.objects.filter(pk=key).first()
        return reviewer is None or not heard(who, reviewer)
    return False


def heard(who, reviewer: CallReviewer) -> bool:
    if bonds(who):
        return False
    return who.administrator or is_given(who, reviewer.call) or (is_reviewer(who) and who.is_(reviewer.user_id))


def file_seen(who, row) -> bool:
    """Its people see it while it counts; who works on what was submitted, and who judges it, what was submitted."""
    proposal = row.proposal
    theirs = writes(who, proposal) or any(asked(who, part) for part in proposal.partners.all())
    if theirs and (row.removed_at is None or row.is_submitted):
        return True
    if not row.is_submitted:
        return False
    if run(who, proposal):
        return True
    judged = any(own_review(who, review) for review in proposal.reviews.all())
    blind = proposal.call.review_plan.blindness != "single" if judged else False
    hidden = blind and proposal.redactions.filter(field=f"q{row.question_id}").exists()
    return judged and row.question.for_reviewers and not hidden


REVIEW_POLICY = {
    "proposals.view_reviewplan": lambda who, row: seen_call(who, row.call),
    "proposals.edit_reviewplan": lambda who, row: is_given(who, row.call),
    "proposals.view_criterion": lambda who, row: seen_call(who, row.plan.call),
    "proposals.edit_criterion": lambda who, row: is_given(who, row.plan.call),
    "proposals.edit_callreviewer": lambda who, row: is_given(who, row.call),
    "proposals.answer_callreviewer": lambda who, row: is_reviewer(who) and who.is_(row.user_id),
    "proposals.hear_callreviewer": heard,
    "proposals.view_callreviewer": lambda who, row: (
        is_given(who, row.call) or (is_reviewer(who) and who.is_(row.user_id))
    ),
    "proposals.view_review": seen_review,
    "proposals.write_review": written_review,
    "proposals.assign_review": lambda who, row: run(who, row.proposal),
    "proposals.view_score": lambda who, row: seen_review(who, row.review),
    "proposals.view_remark": lambda who, row: discusses(who, row.proposal) or run(who, row.proposal),
    "proposals.discuss_proposal": may_discuss,
    "proposals.view_declaredconflict": lambda who, row: who.is_(row.user_id) or run(who, row.proposal),
    "proposals.view_redaction": lambda who, row: run(who, row.proposal),
    "proposals.view_panel": lambda who, row: is_given(who, row.call),
    "proposals.edit_panel": lambda who, row: is_given(who, row.call),
    "proposals.view_rank": lambda who, row: run(who, row.proposal),
}

PROPOSAL_POLICY = REVIEW_POLICY | {
    "proposals.view_call": seen_call,
    "proposals.edit_call": is_given,
    "proposals.staff_call": lambda who, row: who.administrator,
    "proposals.answer_call": call_to_answer,
    "proposals.late_call": call_to_begin_late,
    "proposals.view_callpart": lambda who, row: seen_call(who, row.call),
    "proposals.edit_callpart": lambda who, row: is_given(who, row.call),
    "proposals.view_question": lambda who, row: seen_call(who, row.part.call),
    "proposals.edit_question": lambda who, row: is_given(who, row.part.call),
    "proposals.view_latecode": lambda who, row: is_given(who, row.call),
    "proposals.view_callofficer": lambda who, row: who.secretariat,
    "proposals.edit_callofficer": lambda who, row: who.administrator,
    "proposals.run_proposal": run,
    "proposals.write_proposal": writes,
    "proposals.view_proposal": seen,
    "proposals.submit_proposal": writes,
    "proposals.decide_proposal": run,
    "proposals.view_partner": lambda who, row: seen(who, row.proposal),
    "proposals.view_signoff": lambda who, row: seen(who, row.partner.proposal),
    "proposals.view_budgetline": lambda who, row: seen(who, row.partner.proposal),
    "proposals.view_answer": lambda who, row: seen(who, row.proposal),
    "proposals.view_proposalfile": file_seen,
    "proposals.view_submission": lambda who, row: seen(who, row.proposal),
    "proposals.view_teammember": lambda who, row: seen(who, row.proposal),
    "proposals.view_workpackage": lambda who, row: seen(who, row.proposal),
    "proposals.view_circular": lambda who, row: is_given(who, row.call),
    "proposals.view_clarification": lambda who, row: writes(who, row.proposal) or run(who, row.proposal),
    "proposals.answer_institutionrequest": lambda who, row: answers_request(who, row.proposal),
    "proposals.view_institutionrequest": lambda who, row: (
        writes(who, row.proposal) or answers_request(who, row.proposal)
    ),
    "proposals.answer_signatory": lambda who, row: answers_request(who, row.partner.proposal),
    "proposals.view_signatory": lambda who, row: (
        writes(who, row.partner.proposal) or answers_request(who, row.partner.proposal)
    ),
    "proposals.view_submissionpdf": lambda who, row: seen(who, row.submission.proposal),
    "proposals.sign_partner": asked,
    "proposals.view_decision": decision_seen,
}
