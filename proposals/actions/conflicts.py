"""Conflicts of interest between people and proposals, computed from the registry, with their reasons.

The rule is `permissions.conflicting`, which hides a proposal from one person; this says the same of many at once, so
that an assignment can be made and explained. A test holds the two together. Of whom the registry does not know where
they work, it cannot know the conflicts: they count as conflicted with everything.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from exchanges.models import Stay
from members.models import Affiliation, Institution, InstitutionRelation, InstitutionRole
from projects.models import Participation
from proposals.bonds import CONFLICT_AFTER
from proposals.models import DeclaredConflict, Partner, Proposal


class Bond(NamedTuple):
    """How a person is bound to an institution: `kind` is own, family or project; `through` is the person's own institution."""

    kind: str
    through: int


class Conflicts(NamedTuple):
    """`of` gives the reasons in plain sentences by (proposal, user); `unknown` are users of whom nothing is known."""

    of: dict[tuple[int, int], list[str]]
    unknown: set[int]

    def are_there(self, proposal: int, user: int) -> bool:
        return user in self.unknown or (proposal, user) in self.of


def conflicts(users: Iterable[int], proposals: Iterable[int]) -> Conflicts:
    """Of each of these people with each of these proposals: a fixed number of statements."""
    users, proposals = list(users), list(proposals)
    own = _own_institutions(users)
    bonds = _bonds(own)
    partners: dict[int, set[int]] = defaultdict(set)
    for proposal, institution in Partner.objects.filter(proposal__in=proposals).values_list("proposal", "institution"):
        partners[proposal].add(institution)
    names = _names({bond.through for found in bonds.values() for bond in found.values()}, partners.values())
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for proposal, applicant in Proposal.objects.filter(pk__in=proposals).values_list("pk", "applicant"):
        if applicant in set(users):
            found[proposal, applicant].append(_("It is this person's own proposal."))
        for user, bound in bonds.items():
            for institution in sorted(partners[proposal] & bound.keys()):
                found[proposal, user].append(_sentence(bound[institution], institution, names))
    declared = DeclaredConflict.objects.filter(proposal__in=proposals, user__in=users)
    for proposal, user, reason in declared.values_list("proposal", "user", "reason"):
        found[proposal, user].append(_("Declared: %(reason)s") % {"reason": reason} if reason else _("Declared."))
    return Conflicts(dict(found), set(users) - own.keys())


def _own_institutions(users: list[int]) -> dict[int, set[int]]:
    """The institutions of each of them within the time that counts; whoever has none is missing."""
    since = Now() - CONFLICT_AFTER
    lately = Q(ends_on__isnull=True) | Q(ends_on__gte=since)
    own: dict[int, set[int]] = defaultdict(set)
    for rows, owner in (
        (InstitutionRole.objects.filter(user__in=users), "user"),
        (Affiliation.objects.filter(person__user__in=users), "person__user"),
    ):
        for user, institution in rows.filter(lately).values_list(owner, "institution"):
            own[user].add(institution)
    stays = Stay.objects.committed().filter(lately, applicant__in=users)
    for user, *both in stays.values_list("applicant", "home", "host"):
        own[user].update(both)
    return dict(own)


def _bonds(own: dict[int, set[int]]) -> dict[int, dict[int, Bond]]:
    """For each user the institutions that are too close, the closest reason for each."""
    institutions = set().union(*own.values()) if own else set()
    near: dict[int, dict[int, Bond]] = {one: {one: Bond("own", one)} for one in institutions}
    relations = InstitutionRelation.objects.filter(kind="parent").filter(
        Q(institution__in=institutions) | Q(other__in=institutions)
    )
    for first, second in relations.values_list("institution", "other"):
        for one, other in ((first, second), (second, first)):
            if one in near:
                near[one].setdefault(other, Bond("family", one))
    lately = Q(project__ends_on__isnull=True) | Q(project__ends_on__gte=Now() - CONFLICT_AFTER)
    shared = Participation.objects.filter(
        lately,
        project__published_at__isnull=False,
        institution__isnull=False,
        project__in=Participation.objects.filter(institution__in=institutions).values("project"),
    )
    by_project: dict[int, set[int]] = defaultdict(set)
    for project, institution in shared.values_list("project", "institution"):
        by_project[project].add(institution)
    for together in by_project.values():
        for one in together & institutions:
            for other in together - {one}:
                near[one].setdefault(other, Bond("project", one))
    order = {"own": 0, "family": 1, "project": 2}
    bonds: dict[int, dict[int, Bond]] = {}
    for user, mine in own.items():
        bound: dict[int, Bond] = {}
        for one in mine:
            for other, bond in near[one].items():
                if other not in bound or order[bond.kind] < order[bound[other].kind]:
                    bound[other] = bond
        bonds[user] = bound
    return bonds


def _names(through: set[int], partners: Iterable[set[int]]) -> dict[int, str]:
    keys = through.union(*partners)
    return dict(Institution.objects.filter(pk__in=keys).values_list("pk", "name"))


def _sentence(bond: Bond, institution: int, names: dict[int, str]) -> str:
    words = {"own": names.get(bond.through, ""), "partner": names.get(institution, "")}
    match bond.kind:
        case "own":
            return _("Bound to %(own)s, which takes part.") % words
        case "family":
            return _("Bound to %(own)s, which is above or below %(partner)s.") % words
        case _:
            return _("%(own)s has or had a project with %(partner)s.") % words


@transaction.atomic
def declare_conflict(*, proposal: Proposal, user: User, reason: str, by: User) -> DeclaredConflict:
    """By an officer; reviewers declare theirs when they abstain. Said twice, it is once."""
    demand(by, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    return record_conflict(proposal, user, reason, by)


def record_conflict(proposal: Proposal, user: User, reason: str, by: User) -> DeclaredConflict:
    declared, _made = DeclaredConflict.objects.get_or_create(
        proposal=proposal, user=user, defaults={"reason": reason, "by": by}
    )
    return declared
