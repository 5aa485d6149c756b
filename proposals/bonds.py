"""Who is too close to a proposal to judge it, from what the registry knows: see conflicting."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from accounts.permissions import once

# How long a bond to an institution is a conflict after it has ended.
CONFLICT_AFTER = timedelta(days=3 * 365)


def conflicting(user):
    """Keys of the proposals in which this person has a conflict of interest:

    - the own one, and one in which a conflict was declared;
    - one of an institution that the person acts or acted for, is or was affiliated with, or was a guest of, within three years;
    - one of a parent or a child of such an institution;
    - one of an institution that has, or had within three years, a project together with such an institution.

    `actions.conflicts` says the same of many people and proposals at once, with the reasons.
    """
    return once(user, "conflicting", lambda: _conflicting(user)).all()


def _conflicting(user):
    found = Q(applicant=user) | Q(conflicts__user=user) | Q(partners__institution__in=near(user))
    return user.proposals.model._base_manager.filter(found).order_by().values("pk")


def near(user) -> list[int]:
    """Keys of the institutions that are too close to this person: asked once for a request, for pages need it many times."""
    return once(user, "near", lambda: list(_near(user).values_list("pk", flat=True)))


def _near(user):
    since = Now() - CONFLICT_AFTER
    institutions = user.institution_roles.model._meta.get_field("institution").related_model._base_manager
    there = Q(pk__in=_acted_for(user, since)) | Q(pk__in=_worked_at(user, since))
    for side in ("home", "host"):
        there |= Q(pk__in=_stayed_at(user, since).values(side))
    own = institutions.filter(there).values("pk")
    family = Q(relations__kind="parent", relations__other__in=own)
    family |= Q(relations_from__kind="parent", relations_from__institution__in=own)
    together = Q(pk__in=_in_projects_with(institutions, own, since))
    return institutions.filter(Q(pk__in=own) | family | together).distinct()


def _acted_for(user, since):
    return user.institution_roles.exclude(ends_on__lt=since).values("institution")


def _worked_at(user, since):
    affiliations = user.institution_roles.model._meta.get_field("institution").related_model.affiliations.rel
    rows = affiliations.related_model._base_manager.filter(person__user=user)
    return rows.exclude(ends_on__lt=since).values("institution")


def _stayed_at(user, since):
    """Approved stays: a guest is bound to the host as somebody who works there is."""
    return user.stays.committed().exclude(ends_on__lt=since)


def _in_projects_with(institutions, own, since):
    """Those that take part in a project with one of `own`, unless it ended too long ago."""
    lately = Q(participations__project__ends_on__isnull=True) | Q(participations__project__ends_on__gte=since)
    return institutions.filter(
        lately,
        participations__project__participations__institution__in=own,
        participations__project__published_at__isnull=False,
    ).values("pk")
