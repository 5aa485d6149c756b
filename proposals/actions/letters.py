"""The decision on a proposal as a letter: made from what was applied, the same bytes each time."""

from django.utils import formats, translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.actions.content import partners_of
from proposals.models import Decision, Proposal
from toolkit.documents.paper import Paper, Section, make_pdf

SENTENCES = {
    Decision.Outcome.ACCEPTED: gettext_lazy("The alliance has accepted the proposal."),
    Decision.Outcome.CHANGES: gettext_lazy("The alliance has accepted the proposal, with the changes named below."),
    Decision.Outcome.REVISE: gettext_lazy("The alliance asks for a revised proposal, along the lines below."),
    Decision.Outcome.RESERVE: gettext_lazy(
        "The proposal is on the reserve list: it is taken up if a place becomes free."
    ),
    Decision.Outcome.REJECTED: gettext_lazy("The alliance has not accepted the proposal."),
}


def letter_pdf(decision: Decision) -> bytes:
    """In English, whatever the reader's language is: it is one document."""
    with translation.override("en"):
        return make_pdf(letter_of(decision))


def letter_of(decision: Decision) -> Paper:
    proposal = decision.proposal
    applied = localtime(decision.applied_at)
    submission = proposal.submissions.order_by("-version").first()
    partners = [(partner.institution.name, str(partner.get_role_display())) for partner in partners_of(proposal)]
    # A place on the reserve list may have become free since: the state says what holds.
    outcome = proposal.state if proposal.state in Proposal.DECIDED else decision.outcome
    return Paper(
        kicker=f"{proposal.call.code} · {proposal.call.title}",
        title=_("Decision on %(reference)s") % {"reference": proposal.reference},
        language="en",
        date=applied.date().isoformat(),
        footer=f"{proposal.reference} · SHA-256 {submission.digest}" if submission else proposal.reference,
        lead=str(SENTENCES[Decision.Outcome(outcome)]),
        facts=[
            (_("Proposal"), str(proposal)),
            (_("Number"), proposal.reference),
            (_("Decided"), formats.date_format(applied, "DATE_FORMAT")),
        ],
        sections=[
            *(
                [Section(_("Feedback"), rows=[(_("To the applicants"), decision.feedback)])]
                if decision.feedback
                else []
            ),
            Section(_("Institutions"), rows=partners),
        ],
    )
