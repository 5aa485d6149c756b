"""Rules broken on purpose, each in a way in which one could really be written wrongly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

import accounts.models
import accounts.permissions
import anso_portal.permissions
import centers.permissions
import exchanges.permissions
import members.permissions
import news.permissions
import notifications.permissions
import projects.permissions
import proposals.bonds
import proposals.permissions
import workflow.permissions
from accounts.permissions import EVERYONE, NOBODY, REVIEWER, has_confirmed_address, has_role

MODULES = (
    accounts.permissions,
    notifications.permissions,
    members.permissions,
    projects.permissions,
    centers.permissions,
    exchanges.permissions,
    news.permissions,
    proposals.permissions,
    anso_portal.permissions,
    workflow.permissions,
)


@dataclass(frozen=True)
class Mutant:
    """`instead` takes the place of the function `target` ("app.name") in every module of rules that imports it."""

    target: str
    flaw: str
    instead: Callable[..., Any]
    rules: tuple[str, ...] = ()  # those that are compared; all where a helper is broken

    @property
    def name(self) -> str:
        return f"{self.target} {self.flaw}"

    def apply(self, monkeypatch) -> None:
        name = self.target.rpartition(".")[2]
        original = getattr(_module(self.target), name)
        for module in MODULES:
            if getattr(module, name, None) is original:
                monkeypatch.setattr(module, name, self.instead)


def _module(target: str):
    return next(module for module in MODULES if module.__name__ == f"{target.partition('.')[0]}.permissions")


def rule(target: str, flaw: str, instead: Callable[[Any], Q]) -> Mutant:
    return Mutant(target, flaw, instead, (target,))


def _roles_of_all_times(user, *roles):
    if user.is_anonymous:
        return []
    held = user.institution_roles.all()
    return (held.filter(role__in=roles) if roles else held).values("institution")


def _roles_of_any_kind(user, *roles):
    return [] if user.is_anonymous else user.institution_roles.current().values("institution")


def _own(field: str):
    return lambda user: NOBODY if user.is_anonymous else Q(**{field: user})


def _acting(field: str):
    return lambda user: Q(**{f"{field}__in": members.permissions.acting_for(user)})


def _reviews(user):
    return has_role(user, REVIEWER)


def _reviews_of(user):
    return user.proposals.model._meta.get_field("reviews").related_model._base_manager.filter(reviewer__user=user.pk)


def _proposals(user):
    return user.proposals.model._base_manager


def _without(**helpers: Callable[..., Any]) -> Callable[[Any], Any]:
    """The rule of conflicts with these helpers of it broken."""

    def conflicting(user):
        vars(user).pop("worked_out", None)
        kept = {name: getattr(proposals.bonds, name) for name in helpers}
        vars(proposals.bonds).update(helpers)
        try:
            return ORIGINAL(user)
        finally:
            vars(proposals.bonds).update(kept)
            vars(user).pop("worked_out", None)

    return conflicting


ORIGINAL, TRUE_VIEW = proposals.permissions.conflicting, proposals.permissions.view_review
JUDGED = ("proposals.run_proposal", "proposals.view_review")
CONFLICTS = {
    "all of them": lambda user: _proposals(user).none().values("pk"),
    "projects": _without(_in_projects_with=lambda *given: []),
    "where somebody works": _without(_worked_at=lambda user, since: []),
    "what was declared": lambda user: (
        _proposals(user).filter(~Q(conflicts__user=user), pk__in=ORIGINAL(user)).values("pk")
    ),
    "the own proposal": lambda user: _proposals(user).filter(~Q(applicant=user), pk__in=ORIGINAL(user)).values("pk"),
}


def _secretariat(user) -> Q:
    """Not the empty Q that stands for everyone elsewhere: it would vanish from an “or” of two Q."""
    return Q(pk__isnull=False) if accounts.permissions.is_secretariat(user) else NOBODY


MUTANTS = [
    # Helpers on which many rules stand
    Mutant("members.acting_for", "forgets the dates of roles", _roles_of_all_times),
    Mutant("members.acting_for", "takes every role for every other", _roles_of_any_kind),
    Mutant("members.acting_for", "acts for nobody", lambda user, *roles: []),
    Mutant("members.speaking_for", "lets editors speak", lambda user: members.permissions.acting_for(user)),
    Mutant(
        "accounts.has_role",
        "forgets the second factor",
        lambda user, *roles: bool(getattr(user, "held_roles", set()) & set(roles)),
    ),
    Mutant(
        "accounts.is_secretariat",
        "takes reviewers in",
        lambda user: accounts.permissions.has_role(user, "officer", "administrator", "reviewer"),
    ),
    Mutant("accounts.secretariat", "lets nobody in", lambda user: NOBODY),
    Mutant(
        "accounts.secretariat", "lets whoever has signed in in", lambda user: NOBODY if user.is_anonymous else EVERYONE
    ),
    # Accounts and post
    rule("accounts.view_user", "is open to officers", _secretariat),
    rule("accounts.view_alliancerole", "is open to all", lambda user: EVERYONE),
    rule("notifications.view_notification", "is open to the secretariat", _secretariat),
    rule("notifications.read_notification", "is open to all", lambda user: EVERYONE),
    rule("notifications.view_follow", "is open to officers", _secretariat),
    rule("notifications.view_delivery", "shows the own mail", _own("subscriber__user")),
    # Institutions and people
    rule("members.view_person", "forgets who is not public", lambda user: EVERYONE),
    rule("members.view_person", "hides the own profile", lambda user: Q(is_public=True) | _secretariat(user)),
    rule("members.view_affiliation", "forgets who is not public", lambda user: EVERYONE),
    rule(
        "members.edit_person",
        "is open to colleagues",
        lambda user: _acting("affiliations__institution")(user) | _secretariat(user),
    ),
    rule("members.view_institutionrole", "is open to all", lambda user: EVERYONE),
    rule(
        "members.end_institutionrole",
        "lets deputies end focal points",
        lambda user: (
            Q(institution__in=members.permissions.speaking_for(user)) | _own("user")(user) | _secretariat(user)
        ),
    ),
    rule(
        "members.end_institutionrole",
        "forgets the own role",
        lambda user: Q(institution__in=members.permissions.acting_for(user, "focal_point")) | _secretariat(user),
    ),
    rule(
        "members.lead_institution",
        "is open to deputies",
        lambda user: Q(pk__in=members.permissions.speaking_for(user)) | _secretariat(user),
    ),
    rule(
        "members.staff_institution",
        "is open to editors",
        lambda user: Q(pk__in=members.permissions.acting_for(user)) | _secretariat(user),
    ),
    rule(
        "members.propose_institution",
        "is open to the secretariat",
        lambda user: _acting("pk")(user) | _secretariat(user),
    ),
    rule("members.decide_institution", "decides on one's own", _secretariat),
    rule("members.view_institutioncontact", "shows what is not public", lambda user: EVERYONE),
    rule(
        "members.view_invitation",
        "is open to editors",
        lambda user: _acting("institution")(user) | members.permissions.accept_invitation(user) | _secretariat(user),
    ),
    rule(
        "members.accept_invitation",
        "takes addresses that nobody confirmed",
        lambda user: NOBODY if user.is_anonymous else Q(email__iexact=user.email),
    ),
    rule(
        "members.manage_invitation",
        "lets officers offer roles in the alliance",
        lambda user: _secretariat(user) | _acting("institution")(user),
    ),
    # Changes and applications
    rule(
        "members.view_changerequest",
        "shows drafts to officers",
        lambda user: _acting("institution")(user) | _secretariat(user),
    ),
    rule("members.send_changerequest", "lets colleagues send", _acting("institution")),
    rule("members.send_changerequest", "outlives the role", _own("by")),
    rule(
        "members.decide_changerequest",
        "decides on the own proposal",
        lambda user: Q(proposed_at__isnull=False) & _secretariat(user),
    ),
    rule(
        "members.view_membershipapplication",
        "shows drafts to officers",
        lambda user: _own("applicant")(user) | _acting("institution")(user) | _secretariat(user),
    ),
    rule(
        "members.answer_membershipapplication",
        "lets editors answer",
        lambda user: _own("applicant")(user) | ~Q(state__in=("draft", "unconfirmed")) & _acting("institution")(user),
    ),
    rule(
        "members.decide_membershipapplication",
        "decides on the own application",
        lambda user: ~Q(state__in=("draft", "unconfirmed")) & _secretariat(user),
    ),
    # Drafts of records, and reports
    rule("projects.view_project", "shows drafts to all", lambda user: EVERYONE),
    rule("projects.view_participation", "shows those of drafts", lambda user: EVERYONE),
    rule("projects.view_report", "shows what is not accepted", lambda user: EVERYONE),
    rule("projects.judge_report", "forgets the own institutions", _secretariat),
    rule(
        "projects.view_reportversion",
        "shows drafts to the secretariat",
        lambda user: _acting("report__project__participations__institution")(user) | _secretariat(user),
    ),
    rule("exchanges.view_offer", "shows drafts to all", lambda user: EVERYONE),
    rule("exchanges.view_offer", "hides drafts from the host", lambda user: ~Q(state="draft") | _secretariat(user)),
    rule("centers.write_course", "takes lead institutes for hosts", _acting("center__participations__institution")),
    rule("centers.view_participant", "shows the own alone", _own("person")),
    rule("centers.view_certificate", "shows those of all", lambda user: EVERYONE),
    rule("exchanges.host_offer", "forgets the hosts of centers", _acting("institution")),
    # Calls and proposals
    rule("proposals.view_call", "shows drafts to all", lambda user: EVERYONE),
    rule("proposals.edit_call", "forgets to whom it is given", _secretariat),
    rule("proposals.answer_call", "forgets the closing", lambda user: Q(state="published")),
    rule("proposals.view_question", "shows those of drafts", lambda user: EVERYONE),
    rule(
        "proposals.run_proposal",
        "forgets conflicts",
        lambda user: Q(submitted_at__isnull=False) & _secretariat(user),
    ),
    rule("proposals.view_proposal", "shows drafts to officers", lambda user: EVERYONE),
    rule("proposals.write_proposal", "forgets the lead institution", _own("applicant")),
    rule(
        "proposals.sign_partner",
        "lets editors sign",
        lambda user: Q(asked_at__isnull=False) & _acting("institution")(user),
    ),
    rule("proposals.sign_partner", "signs before it is asked", _acting("institution")),
    rule("proposals.view_decision", "shows it before it is applied", lambda user: EVERYONE),
    rule(
        "proposals.answer_call",
        "forgets the first stage",
        lambda user: (
            Q(state="published", opens_at__lte=proposals.permissions.Now(), closes_at__gte=proposals.permissions.Now())
            if has_confirmed_address(user)
            else NOBODY
        ),
    ),
    rule(
        "proposals.view_proposalfile",
        "shows officers the draft",
        lambda user: proposals.permissions._with_its_proposal(user, proposals.permissions.view_proposal, "proposal"),
    ),
    Mutant(
        "proposals._reviewed_file",
        "shows reviewers what an officer has redacted, and what is not for them",
        lambda user: Q(is_submitted=True, proposal__reviews__reviewer__user=user) if user.is_authenticated else NOBODY,
        ("proposals.view_proposalfile",),
    ),
    rule("proposals.view_submission", "shows it to all", lambda user: EVERYONE),
    # Reviews
    *(Mutant("proposals.conflicting", f"forgets {what}", instead, JUDGED) for what, instead in CONFLICTS.items()),
    rule("proposals.view_review", "shows the own in spite of a conflict", _own("reviewer__user")),
    rule(
        "proposals.view_review",
        "shows those of others before the own is in",
        lambda user: (
            TRUE_VIEW(user) | Q(proposal__reviews__in=_reviews_of(user), state="submitted")
            if _reviews(user)
            else TRUE_VIEW(user)
        ),
    ),
    rule(
        "proposals.view_review",
        "shows all to reviewers",
        lambda user: Q(pk__isnull=False) if _reviews(user) else NOBODY,
    ),
    rule("proposals.view_review", "shows those handed in to applicants", _own("proposal__applicant")),
    rule("proposals.write_review", "forgets the phase", lambda user: proposals.permissions._own_reviews(user)),
    rule("proposals.write_review", "lets officers write", TRUE_VIEW),
    rule("proposals.view_score", "is open to the secretariat", _secretariat),
    rule(
        "proposals.view_remark", "is open to all reviewers of the proposal", _own("proposal__reviews__reviewer__user")
    ),
    rule(
        "proposals.discuss_proposal",
        "forgets the phase",
        lambda user: (
            NOBODY
            if user.is_anonymous
            else Q(pk__in=proposals.permissions._discussed(user)) | proposals.permissions.run_proposal(user)
        ),
    ),
    rule("proposals.view_redaction", "forgets conflicts", _secretariat),
    rule("proposals.view_rank", "forgets conflicts", _secretariat),
    rule(
        "proposals.view_declaredconflict",
        "is open to officers with a conflict",
        lambda user: _own("user")(user) | _secretariat(user),
    ),
    rule(
        "proposals.view_callreviewer", "is open to all officers", lambda user: _own("user")(user) | _secretariat(user)
    ),
    rule("proposals.answer_callreviewer", "lets officers answer", _secretariat),
    rule("notifications.view_event", "tells of what a conflict hides", _secretariat),
    rule("notifications.view_delivery", "tells of what a conflict hides", _secretariat),
    rule("workflow.view_step", "tells of what a conflict hides", _secretariat),
    rule("anso_portal.view_errorreport", "is open to all", lambda user: EVERYONE),
    rule(
        "anso_portal.reply_errorreport",
        "is open to the secretariat",
        lambda user: _acting("forwarded_to")(user) | _secretariat(user),
    ),
]
