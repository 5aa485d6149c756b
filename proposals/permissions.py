"""Who may know of calls and proposals, and who acts in them. Names of look-ups only.

No role skips a conflict of interest: whoever is bound to an institution of a proposal sees of it, in any role, what
an outsider sees.
"""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from accounts.permissions import ADMINISTRATOR, EVERYONE, NOBODY, has_confirmed_address, has_role, is_secretariat
from members.permissions import acting_for, speaking_for

# How long a bond to an institution is a conflict after it has ended.
CONFLICT_AFTER = timedelta(days=3 * 365)


# --- Calls


def view_call(user) -> Q:
    """What is published, for everyone; the secretariat sees drafts too."""
    return EVERYONE if is_secretariat(user) else ~Q(state="draft")


def edit_call(user) -> Q:
    """Officers work on the calls that are given to them, administrators on all."""
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return Q(officers__user=user) if is_secretariat(user) else NOBODY


def answer_call(user) -> Q:
    """Begin a proposal, while the call is open on the database's clock."""
    if not has_confirmed_address(user):
        return NOBODY
    return Q(state="published", opens_at__lte=Now(), closes_at__gte=Now())


def _of_visible_call(user, path: str) -> Q:
    return EVERYONE if is_secretariat(user) else ~Q(**{f"{path}state": "draft"})


def view_callpart(user) -> Q:
    return _of_visible_call(user, "call__")


def view_question(user) -> Q:
    return _of_visible_call(user, "part__call__")


def edit_callpart(user) -> Q:
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return Q(call__officers__user=user) if is_secretariat(user) else NOBODY


def edit_question(user) -> Q:
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    return Q(part__call__officers__user=user) if is_secretariat(user) else NOBODY


def view_callofficer(user) -> Q:
    return EVERYONE if is_secretariat(user) else NOBODY


def edit_callofficer(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


# --- Proposals


def conflicting(user):
    """Keys of the proposals in which this person has a conflict: the own one, and those of institutions that the person
    acts or acted for, or is or was affiliated with, within three years; and of their parents and children.
    """
    since = Now() - CONFLICT_AFTER
    roles = user.institution_roles.exclude(ends_on__lt=since).values("institution")
    affiliations = _affiliations(user, since)
    close = Q(partners__institution__in=roles) | Q(partners__institution__in=affiliations)
    for relation, other in (("relations", "other"), ("relations_from", "institution")):
        path = f"partners__institution__{relation}"
        for bound in (roles, affiliations):
            close |= Q(**{f"{path}__kind": "parent", f"{path}__{other}__in": bound})
    return user.proposals.model._base_manager.filter(Q(applicant=user) | close).values("pk")


def _affiliations(user, since):
    person = getattr(user, "person", None)
    return person.affiliations.exclude(ends_on__lt=since).values("institution") if person else []


def run_proposal(user) -> Q:
    """Work on what was submitted, in the name of the alliance."""
    if user.is_anonymous or not is_secretariat(user):
        return NOBODY
    given = EVERYONE if has_role(user, ADMINISTRATOR) else Q(call__officers__user=user)
    return given & Q(submitted_at__isnull=False) & ~Q(pk__in=conflicting(user))


def write_proposal(user) -> Q:
    """Its lead person, and whoever acts for the lead institution."""
    if user.is_anonymous:
        return NOBODY
    return Q(applicant=user) | Q(partners__role="lead", partners__institution__in=acting_for(user))


def view_proposal(user) -> Q:
    """Those who write it, the speakers of its partners once they are asked, and whoever works on it for the alliance."""
    if user.is_anonymous:
        return NOBODY
    asked = Q(partners__asked_at__isnull=False, partners__institution__in=speaking_for(user))
    return write_proposal(user) | asked | run_proposal(user)


def submit_proposal(user) -> Q:
    """Submit it, reopen it, take it back: as write."""
    return write_proposal(user)


def decide_proposal(user) -> Q:
    return run_proposal(user)


# --- Partners and what they say


def _with_its_proposal(user, rule, path: str) -> Q:
    """As its proposal is seen."""
    if user.is_anonymous:
        return NOBODY
    return Q(**{f"{path}__in": user.proposals.model._base_manager.filter(rule(user)).values("pk")})


def view_partner(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_signoff(user) -> Q:
    return _with_its_proposal(user, view_proposal, "partner__proposal")


def view_budgetline(user) -> Q:
    return _with_its_proposal(user, view_proposal, "partner__proposal")


def view_answer(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def view_submission(user) -> Q:
    return _with_its_proposal(user, view_proposal, "proposal")


def sign_partner(user) -> Q:
    """Say yes or no in the name of the institution, once it is asked."""
    if user.is_anonymous:
        return NOBODY
    return Q(asked_at__isnull=False, institution__in=speaking_for(user))


def view_decision(user) -> Q:
    """Officers before it is applied; afterwards also those who wrote the proposal."""
    if user.is_anonymous:
        return NOBODY
    applied = Q(applied_at__isnull=False) & _with_its_proposal(user, write_proposal, "proposal")
    return applied | _with_its_proposal(user, run_proposal, "proposal")
