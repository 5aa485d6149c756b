"""Who may know of projects, and who may change them. Names of look-ups only."""

from django.db.models import Q

from accounts.permissions import EVERYONE, NOBODY, secretariat
from members.permissions import acting_for


def view_project(user) -> Q:
    """Everyone sees what is published; people of the lead or a partner see their drafts too."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = Q(published_at__isnull=False)
    if user.is_anonymous:
        return published
    return published | Q(participations__institution__in=acting_for(user))


def edit_project(user) -> Q:
    return secretariat(user)


def view_participation(user) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = Q(project__published_at__isnull=False)
    if user.is_anonymous:
        return published
    return published | Q(project__participations__institution__in=acting_for(user))


def view_report(user) -> Q:
    """What was accepted, for everyone; before, the people of its institutions and the secretariat."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    accepted = Q(state="accepted", project__published_at__isnull=False)
    return accepted if user.is_anonymous else accepted | Q(project__in=_own_projects(user))


def write_report(user) -> Q:
    """Whoever acts for the institution that leads the project."""
    return NOBODY if user.is_anonymous else Q(project__in=_own_projects(user, role="lead"))


def judge_report(user) -> Q:
    """Officers read and accept; none those of an own institution."""
    return NOBODY if secretariat(user) != EVERYONE else ~Q(project__in=_own_projects(user))


def _own_projects(user, **part):
    """Keys of the projects in which an institution of this person takes part."""
    institutions = user.institution_roles.model._meta.get_field("institution").related_model
    rows = institutions.participations.rel.related_model._base_manager
    return rows.filter(institution__in=acting_for(user), **part).values("project")


def view_reportversion(user) -> Q:
    """With the part that is not for the public: the people of its institutions, and the secretariat what was submitted."""
    if user.is_anonymous:
        return NOBODY
    own = Q(report__project__in=_own_projects(user))
    return own | Q(submitted_at__isnull=False) if secretariat(user) == EVERYONE else own


def view_grant(user) -> Q:
    """What is paid: the secretariat, and the people of the institution that leads the project."""
    return secretariat(user) if user.is_anonymous or secretariat(user) == EVERYONE else write_report(user)


def tend_project(user) -> Q:
    """Keep its milestones and outputs: whoever acts for the institution that leads it, and the secretariat."""
    if user.is_anonymous or secretariat(user) == EVERYONE:
        return secretariat(user)
    return Q(pk__in=_own_projects(user, role="lead"))


def view_milestone(user) -> Q:
    """The people of its institutions and the secretariat."""
    if user.is_anonymous or secretariat(user) == EVERYONE:
        return secretariat(user)
    return Q(project__in=_own_projects(user))


def view_instalment(user) -> Q:
    if user.is_anonymous or secretariat(user) == EVERYONE:
        return secretariat(user)
    return Q(grant__project__in=_own_projects(user, role="lead"))


view_projectsite = view_output = view_participation
edit_participation = edit_projectsite = edit_output = edit_milestone = edit_project
