"""The rules of calls and proposals a second time, row by row."""

import datetime

from django.utils import timezone

from members.models import Affiliation, InstitutionRelation, InstitutionRole
from proposals.models import Call, Partner, Proposal

LONG = datetime.timedelta(days=3 * 365)


def is_given(who, call: Call) -> bool:
    if not who.secretariat or who.administrator:
        return who.administrator
    return call.officers.filter(user=who.user).exists()


def seen_call(who, call: Call) -> bool:
    return call.state != "draft" or who.secretariat


def call_to_answer(who, call: Call) -> bool:
    now = timezone.now()
    is_open = call.state == "published" and call.opens_at <= now <= call.closes_at
    return is_open and who.key is not None and who.user.email.lower() in who.addresses


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
    for relation in InstitutionRelation.objects.filter(kind="parent"):
        pair = {relation.institution_id, relation.other_id}
        if pair & found:
            found = found | {-key for key in pair}
    return {abs(key) for key in found}


def conflicted(who, proposal: Proposal) -> bool:
    institutions = set(proposal.partners.values_list("institution", flat=True))
    return who.is_(proposal.applicant_id) or bool(institutions & bonds(who))


def run(who, proposal: Proposal) -> bool:
    if proposal.submitted_at is None or not who.secretariat:
        return False
    return is_given(who, proposal.call) and not conflicted(who, proposal)


def writes(who, proposal: Proposal) -> bool:
    lead = proposal.partners.get(role="lead")
    return who.is_(proposal.applicant_id) or who.acts(lead.institution_id)


def asked(who, partner: Partner) -> bool:
    return partner.asked_at is not None and who.speaks(partner.institution_id)


def seen(who, proposal: Proposal) -> bool:
    return writes(who, proposal) or run(who, proposal) or any(asked(who, part) for part in proposal.partners.all())


def decision_seen(who, decision) -> bool:
    proposal = decision.proposal
    return run(who, proposal) or (decision.applied_at is not None and writes(who, proposal))


PROPOSAL_POLICY = {
    "proposals.view_call": seen_call,
    "proposals.edit_call": is_given,
    "proposals.answer_call": call_to_answer,
    "proposals.view_callpart": lambda who, row: seen_call(who, row.call),
    "proposals.edit_callpart": lambda who, row: is_given(who, row.call),
    "proposals.view_question": lambda who, row: seen_call(who, row.part.call),
    "proposals.edit_question": lambda who, row: is_given(who, row.part.call),
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
    "proposals.view_submission": lambda who, row: seen(who, row.proposal),
    "proposals.sign_partner": asked,
    "proposals.view_decision": decision_seen,
}
