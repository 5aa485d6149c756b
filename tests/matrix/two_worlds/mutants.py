"""Policies broken on purpose: each lets somebody tell two worlds apart. `at` is where, as a part of the address, or of all ("")."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

import proposals.actions.assignment
import proposals.actions.decisions
import proposals.actions.dossiers
import proposals.actions.reviews
import proposals.permissions
from accounts.permissions import EVERYONE, NOBODY, is_secretariat
from notifications.actions import announce
from proposals.actions.signing import everyone_in
from proposals.models import Proposal, Review, ReviewPlan
from tests.matrix.mutants import MUTANTS, Mutant

WRITES, VIEWS = proposals.permissions.write_proposal, proposals.permissions.view_proposal
TELL, BLINDED = proposals.actions.assignment.tell_reviewers, proposals.actions.dossiers._blinded
HAND_IN, DECIDE = proposals.actions.reviews.submit_review, proposals.actions.decisions.write_decision
BROKEN = {mutant.name: mutant for mutant in MUTANTS}


@dataclass(frozen=True)
class Leak:
    flaw: str
    secret: str
    viewer: str
    at: str
    apply: Callable[[Any], None]


def policy(name: str, secret: str, viewer: str, at: str) -> Leak:
    """One of those that the permission matrix knows."""
    return Leak(name, secret, viewer, at, BROKEN[name].apply)


def rule(target: str, instead: Callable[..., Any]) -> Callable[[Any], None]:
    return Mutant(target, "", instead).apply


def code(where: Any, name: str, instead: Any) -> Callable[[Any], None]:
    return lambda monkeypatch: monkeypatch.setattr(where, name, instead)


def signed_in(user) -> Q:
    return NOBODY if user.is_anonymous else Q(pk__isnull=False)


def officers(user) -> Q:
    return Q(pk__isnull=False) if is_secretariat(user) else NOBODY


def tells(proposal: Proposal, words: str) -> None:
    facts = {"title": words, "reference": "", "call": ""}
    announce("proposal.question", proposal, actor=None, to=everyone_in(proposal), context=facts)


def tells_applicants(plan, reviewers, by, kind="review.begun"):
    for reviewer in reviewers:
        for review in reviewer.reviews.select_related("proposal"):
            tells(review.proposal, reviewer.user.name)
    return TELL(plan, reviewers, by, kind)


def tells_scores(*, review, by):
    tells(review.proposal, str(sum(score.points for score in review.scores.all())))
    return HAND_IN(review=review, by=by)


def tells_decisions(*, proposal, outcome, feedback, by):
    tells(proposal, outcome)
    return DECIDE(proposal=proposal, outcome=outcome, feedback=feedback, by=by)


def keeping(part: str) -> Callable[..., dict[str, Any]]:
    def blinded(shown, proposal):
        seen = shown[part]
        return BLINDED(shown, proposal) | {part: seen}

    return blinded


def of_those_in_projects_with(user, *roles):
    """Whoever acts for an institution acts for those that it has a project with."""
    if user.is_anonymous:
        return []
    together = "institution__participations__project__participations__institution"
    return user.institution_roles.values(together)


def of_written(user) -> Q:
    """Decisions on what one has written, applied or not."""
    return Q(proposal__in=Proposal.objects.filter(WRITES(user)).values("pk")) if user.pk else NOBODY


def reviewed(user) -> QuerySet:
    return Review.objects.filter(reviewer__user=user.pk).values("proposal")


DRAFT, REVIEWER, SCORES, DECISION = "draft", "who reviews", "scores", "pending decision"
BOUND, APPLICANT = "proposal hidden by a conflict", "applicant"
DEPUTY = "officer and focal point"  # an officer of the call with a conflict

LEAKS = [
    Leak(
        *("proposals.view_proposal shows all to the secretariat", DRAFT, "administrator", "/admin/proposals/"),
        rule("proposals.view_proposal", lambda user: VIEWS(user) | officers(user)),
    ),
    policy("proposals.view_proposal shows drafts to officers", DRAFT, "officer", "/admin/proposals/"),
    Leak(
        *("proposals.write_proposal lets whoever has signed in write", DRAFT, "focal point", "/desk/proposals/"),
        rule("proposals.write_proposal", signed_in),
    ),
    Leak(
        *("proposals.write_proposal lets officers of the call write", DRAFT, "officer", "/desk/proposals/"),
        rule("proposals.write_proposal", lambda user: WRITES(user) | Q(call__officers__user=user.pk)),
    ),
    Leak(
        *("proposals.run_proposal forgets that it must be submitted", DRAFT, "officer", "/desk/calls/"),
        rule("proposals.run_proposal", officers),
    ),
    Leak(
        *("members.acting_for takes in those of joint projects", BOUND, "focal point", "/desk/proposals/"),
        rule("members.acting_for", of_those_in_projects_with),
    ),
    # Who reviews, and how
    policy("proposals.conflicting forgets all of them", REVIEWER, DEPUTY, "/review/"),
    policy("proposals.run_proposal forgets conflicts", SCORES, DEPUTY, "/desk/calls/"),
    policy("proposals.view_review shows those of others before the own is in", SCORES, "reviewer", "/desk/reviews/"),
    policy("proposals.view_review shows all to reviewers", SCORES, "reviewer", "/desk/reviews/"),
    Leak(
        *("proposals.view_review shows all to whoever has signed in", SCORES, "reviewer", "/desk/reviews/"),
        rule("proposals.view_review", signed_in),
    ),
    Leak(
        *("proposals.view_review shows all to officers", SCORES, DEPUTY, "/admin/proposals/review/"),
        rule("proposals.view_review", officers),
    ),
    Leak(
        *("proposals._discussed forgets that the own must be in", SCORES, "reviewer", "/desk/reviews/"),
        rule("proposals._discussed", reviewed),
    ),
    Leak(
        *("assignment tells the applicant too", REVIEWER, "scientist", "/desk/inbox/"),
        code(proposals.actions.assignment, "tell_reviewers", tells_applicants),
    ),
    Leak(
        *("handing in tells the applicant of the points", SCORES, "scientist", "/desk/inbox/"),
        code(proposals.actions.reviews, "submit_review", tells_scores),
    ),
    # Decisions
    policy("proposals.view_decision shows it before it is applied", DECISION, DEPUTY, "/admin/proposals/decision/"),
    Leak(
        *("proposals.view_decision forgets that it must be applied", DECISION, DEPUTY, "/admin/proposals/decision/"),
        rule("proposals.view_decision", of_written),
    ),
    Leak(
        *("proposals.decide_proposal decides in spite of a conflict", DECISION, DEPUTY, "/desk/calls/"),
        rule("proposals.decide_proposal", officers),
    ),
    Leak(
        *("a decision is told when it is written", DECISION, "focal point", "/desk/inbox/"),
        code(proposals.actions.decisions, "write_decision", tells_decisions),
    ),
    # What a conflict hides
    policy("proposals.conflicting forgets projects", BOUND, DEPUTY, "/desk/calls/"),
    policy("notifications.view_event tells of what a conflict hides", BOUND, DEPUTY, "/admin/notifications/"),
    Leak(
        *("proposals.view_submission shows it to all", BOUND, DEPUTY, "/admin/proposals/"),
        rule("proposals.view_submission", lambda user: EVERYONE),
    ),
    Leak(
        *("proposals.view_partner shows them to all", BOUND, DEPUTY, "/admin/proposals/"),
        rule("proposals.view_proposal", lambda user: EVERYONE),
    ),
    # The applicant of a blind review
    Leak(
        *("the dossier blinds nothing", APPLICANT, "reviewer", "/desk/reviews/"),
        code(proposals.actions.dossiers, "_blinded", lambda shown, proposal: shown),
    ),
    Leak(
        *("the dossier names the partners", APPLICANT, "reviewer", "/desk/reviews/"),
        code(proposals.actions.dossiers, "_blinded", keeping("partners")),
    ),
    Leak(
        *("the dossier names them in the budget", APPLICANT, "reviewer", "/desk/reviews/"),
        code(proposals.actions.dossiers, "_blinded", keeping("budget")),
    ),
    Leak(
        *("that it is blind is forgotten", APPLICANT, "reviewer", "/desk/reviews/"),
        code(ReviewPlan, "is_double_blind", False),
    ),
    Leak(
        *("proposals.view_proposal shows it to reviewers", APPLICANT, "reviewer", "/desk/proposals/"),
        rule("proposals.view_proposal", lambda user: VIEWS(user) | Q(reviews__reviewer__user=user.pk)),
    ),
    Leak(
        *(
            "exchanges.view_stay shows drafts to who speaks for the host",
            "draft of a stay",
            "focal point",
            "/desk/exchanges/",
        ),
        rule("exchanges.view_stay", signed_in),
    ),
    Leak(
        *("exchanges.view_stay shows drafts to officers", "draft of a stay", "officer", "/desk/exchanges/"),
        rule("exchanges.view_stay", officers),
    ),
    Leak(
        *("exchanges.view_stayreport shows drafts", "draft of a report on a stay", "focal point", "/desk/exchanges/"),
        rule("exchanges.view_stayreport", signed_in),
    ),
    Leak(
        *("news.view_newsitem shows drafts to whoever signs in", "draft of news", "scientist", "/news/"),
        rule("news.view_newsitem", signed_in),
    ),
    Leak(
        *(
            "centers.write_coursesession lets everybody in",
            "who took part in a training",
            "scientist",
            "/desk/training/",
        ),
        rule("centers.write_coursesession", signed_in),
    ),
]
