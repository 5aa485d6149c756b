"""Who may know of calls and proposals, and who acts in them. Names of look-ups only.

No role skips a conflict of interest: whoever is bound to an institution of a proposal sees of it, in any role, what
an outsider sees.
"""

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Now

from accounts.permissions import (
    ADMINISTRATOR,
    EVERYONE,
    NOBODY,
    REVIEWER,
    has_confirmed_address,
    has_role,
    is_secretariat,
    keys_by,
)
from members.permissions import acting_for, speaking_for
from proposals.bonds import conflicting, near

# --- Calls


def view_call(user) -> Q:
    """What is published, for everyone; the secretariat sees drafts too."""
    return EVERYONE if is_secretariat(user) else ~Q(state="draft")


def _of_given_call(user, path: str) -> Q:
    """Officers work on the calls that are given to them, administrators on all."""
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return Q(**{f"{path}officers__user": user}) if is_secretariat(user) else NOBODY


def edit_call(user) -> Q:
    return _of_given_call(user, "")


def staff_call(user) -> Q:
    """Give it to officers, and take it from them."""
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def answer_call(user) -> Q:
    """Begin a proposal, while the call is open on the database's clock; a second stage only for who passed the first."""
    if not has_confirmed_address(user):
        return NOBODY
    accepted = user.proposals.model._base_manager.filter(write_proposal(user), state__in=["accepted", "changes"])
    invited = Q(first_stage__isnull=True) | Q(first_stage__in=accepted.values("call"))
    return invited & Q(state="published", opens_at__lte=Now(), closes_at__gte=Now())


def late_call(user) -> Q:
    """Begin a proposal with a late code: after the deadline, while nothing is decided."""
    if not has_confirmed_address(user):
        return NOBODY
    return Q(state="published", first_stage__isnull=True, closes_at__lt=Now())


def _of_visible_call(user, path: str) -> Q:
    return EVERYONE if is_secretariat(user) else ~Q(**{f"{path}state": "draft"})


def view_callpart(user) -> Q:
    return _of_visible_call(user, "call__")


def view_question(user) -> Q:
    return _of_visible_call(user, "part__call__")


def edit_callpart(user) -> Q:
    return _of_given_call(user, "call__")


def edit_question(user) -> Q:
    return _of_given_call(user, "part__call__")


def view_latecode(user) -> Q:
    return edit_callpart(user)


def view_circular(user) -> Q:
    return edit_callpart(user)


def view_callofficer(user) -> Q:
    return EVERYONE if is_secretariat(user) else NOBODY


def edit_callofficer(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


# --- Proposals


def run_proposal(user) -> Q:
    """Work on what was submitted, in the name of the alliance."""
    if user.is_anonymous or not is_secretariat(user):
        return NOBODY
    given = EVERYONE if has_role(user, ADMINISTRATOR) else Q(call__officers__user=user)
    return given & Q(submitted_at__isnull=False) & ~Q(pk__in=conflicting(user))


def write_proposal(user) -> Q:
    """Its lead person, whoever acts for the lead institution, and the officer who enters it from paper."""
    if user.is_anonymous:
        return NOBODY
    own = Q(applicant=user) | Q(partners__role="lead", partners__institution__in=acting_for(user))
    if not is_secretariat(user):
        return own
    return own | Q(entered_by=user) & ~Q(pk__in=conflicting(user))


def view_proposal(user) -> Q:
    """Those who write it, the speakers of its partners once they are asked, and whoever works on it for the alliance."""
    if user.is_anonymous:
        return NOBODY
    return _write_or_answer(user) | run_proposal(user)


def _write_or_answer(user) -> Q:
    asked = Q(partners__asked_at__isnull=False, partners__institution__in=speaking_for(user))
    return write_proposal(user) | asked


def submit_proposal(user) -> Q:
    """Submit it, reopen it, take it back: as write."""
    return write_proposal(user)


def decide_proposal(user) -> Q:
    return run_proposal(user)


# --- Partners and what they say


def _with_its_proposal(user, rule, path: str) -> Q:
    """As its proposal is seen: worked out once for each user object, for the parts of proposals are many."""
    if user.is_anonymous:
        return NOBODY
    return Q(**{f"{path}__in": keys_by(rule, user, user.proposals.model._base_manager)})


def view_partner(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_signoff(user) -> Q:
    return _with_its_proposal(user, view_proposal, "partner__proposal")


def view_budgetline(user) -> Q:
    return _with_its_proposal(user, view_proposal, "partner__proposal")


def view_answer(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_proposalfile(user) -> Q:
    """Of a draft, its people. What was submitted, also those who work on it, and its reviewers if the question is theirs."""
    if user.is_anonymous:
        return NOBODY
    theirs = _with_its_proposal(user, _write_or_answer, "proposal") & (Q(removed_at=None) | Q(is_submitted=True))
    submitted = Q(is_submitted=True) & _with_its_proposal(user, run_proposal, "proposal")
    return theirs | submitted | _reviewed_file(user)


def _reviewed_file(user) -> Q:
    """In a double-blind review, one that an officer has redacted is hidden."""
    own = _own_reviews(user)
    if own == NOBODY:
        return NOBODY
    proposals = user.proposals.model
    reviews = proposals._meta.get_field("reviews").related_model._base_manager.filter(own)
    redactions = proposals._meta.get_field("redactions").related_model._base_manager
    hidden = redactions.exclude(proposal__call__review_plan__blindness="single").filter(
        proposal=OuterRef("proposal"),
        field=Concat(Value("q"), Cast(OuterRef("question"), CharField())),
    )
    shown = Q(is_submitted=True, question__for_reviewers=True, proposal__in=reviews.values("proposal"))
    return shown & Q(~Exists(hidden))


def view_teammember(user) -> Q:
    """Of the draft: what was submitted stands in its submission."""
    return _with_its_proposal(user, view_proposal, "proposal")


def view_workpackage(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_submission(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_clarification(user) -> Q:
    """Those who write the proposal, and the officers who work on it; partners and reviewers do not."""
    if user.is_anonymous:
        return NOBODY
    return _with_its_proposal(user, write_proposal, "proposal") | _with_its_proposal(user, run_proposal, "proposal")


def view_submissionpdf(user) -> Q:
    return _with_its_proposal(user, view_proposal, "submission__proposal")


def sign_partner(user) -> Q:
    """Say yes or no in the name of the institution, once it is asked."""
    if user.is_anonymous:
        return NOBODY
    return Q(asked_at__isnull=False, institution__in=speaking_for(user))


def answer_institutionrequest(user) -> Q:
    """The officers of the call, though the draft is hidden from them; who has a conflict of interest hears of none."""
    if user.is_anonymous or not is_secretariat(user):
        return NOBODY
    return _of_given_call(user, "proposal__call__") & ~Q(proposal__in=conflicting(user))


def view_institutionrequest(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    return _with_its_proposal(user, write_proposal, "proposal") | answer_institutionrequest(user)


def answer_signatory(user) -> Q:
    if user.is_anonymous or not is_secretariat(user):
        return NOBODY
    return _of_given_call(user, "partner__proposal__call__") & ~Q(partner__proposal__in=conflicting(user))


def view_signatory(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    return _with_its_proposal(user, write_proposal, "partner__proposal") | answer_signatory(user)


def view_decision(user) -> Q:
    """Officers before it is applied; afterwards also those who wrote the proposal."""
    if user.is_anonymous:
        return NOBODY
    applied = Q(applied_at__isnull=False) & _with_its_proposal(user, write_proposal, "proposal")
    return applied | _with_its_proposal(user, run_proposal, "proposal")


# --- Reviews


def view_reviewplan(user) -> Q:
    """By what is judged is public, as the call is."""
    return _of_visible_call(user, "call__")


def edit_reviewplan(user) -> Q:
    return _of_given_call(user, "call__")


def view_criterion(user) -> Q:
    return _of_visible_call(user, "plan__call__")


def edit_criterion(user) -> Q:
    return _of_given_call(user, "plan__call__")


def edit_callreviewer(user) -> Q:
    """Invite and ask again."""
    return _of_given_call(user, "call__")


def answer_callreviewer(user) -> Q:
    """Say yes or no, and how many: the reviewer."""
    return Q(user=user) if has_role(user, REVIEWER) else NOBODY


def view_callreviewer(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else edit_callreviewer(user) | answer_callreviewer(user)


def hear_callreviewer(user) -> Q:
    """What a reviewer was told, such as that proposals were assigned. It names none of them, so where a proposal of the call
    might be one with a conflict of interest it is kept from the officer, whichever the reviewers are.
    """
    return NOBODY if user.is_anonymous or is_bound(user) else view_callreviewer(user)


def is_bound(user) -> bool:
    """Whether the registry knows where this person works or worked lately. Of others it cannot know the conflicts."""
    return bool(near(user))


def _own_reviews(user) -> Q:
    """What was given to this reviewer, while it is to be judged and no conflict has come up."""
    if not has_role(user, REVIEWER) or not is_bound(user):
        return NOBODY
    judged = ~Q(proposal__state__in=["draft", "withdrawn"]) & ~Q(proposal__call__review_plan__phase="preparing")
    return Q(reviewer__user=user, reviewer__state="accepted") & judged & ~Q(proposal__in=conflicting(user))


def write_review(user) -> Q:
    """Judge, save, hand in, stand back: in the phases for it."""
    open_phases = Q(proposal__call__review_plan__phase__in=["reviewing", "discussing"])
    return _own_reviews(user) & open_phases & ~Q(state="abstained")


def _discussed(user):
    """Keys of the proposals on which this reviewer has handed in a review and may now read those of the others."""
    reviews = user.proposals.model._meta.get_field("reviews").related_model._base_manager
    own = _own_reviews(user)
    if own == NOBODY:
        return []
    together = Q(state="submitted", proposal__call__review_plan__phase__in=["discussing", "panel", "closed"])
    return reviews.filter(own & together).values("proposal")


def view_review(user) -> Q:
    """The own; those of others on the same proposal after the own is in; all for the officers who work on the proposal."""
    if user.is_anonymous:
        return NOBODY
    others = Q(proposal__in=_discussed(user), state="submitted")
    return _own_reviews(user) | others | _with_its_proposal(user, run_proposal, "proposal")


def assign_review(user) -> Q:
    """Take it away from a reviewer who has not begun."""
    return _with_its_proposal(user, run_proposal, "proposal")


def view_score(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    reviews = user.proposals.model._meta.get_field("reviews").related_model._base_manager
    return Q(review__in=reviews.filter(view_review(user)).values("pk"))


def view_remark(user) -> Q:
    """The discussion: of those who have handed in their review, and the officers."""
    if user.is_anonymous:
        return NOBODY
    return Q(proposal__in=_discussed(user)) | _with_its_proposal(user, run_proposal, "proposal")


def discuss_proposal(user) -> Q:
    """Say something in it."""
    if user.is_anonymous:
        return NOBODY
    open_now = Q(call__review_plan__phase__in=["discussing", "panel"])
    return open_now & (Q(pk__in=_discussed(user)) | run_proposal(user))


def view_declaredconflict(user) -> Q:
    """Its person, and the officers who work on the proposal."""
    if user.is_anonymous:
        return NOBODY
    return Q(user=user) | _with_its_proposal(user, run_proposal, "proposal")


def view_redaction(user) -> Q:
    return _with_its_proposal(user, run_proposal, "proposal")


def view_panel(user) -> Q:
    return edit_panel(user)


def edit_panel(user) -> Q:
    return _of_given_call(user, "call__")


def view_rank(user) -> Q:
    return _with_its_proposal(user, run_proposal, "proposal")
