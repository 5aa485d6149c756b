"""Who does the work, and when: saved as a whole, like the budget."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.actions.content import PLAN, TEAM
from proposals.actions.drafts import open_for_writing, touch
from proposals.models import Proposal, TeamMember, WorkPackage


@transaction.atomic
def save_team(*, proposal: Proposal, rows: Iterable[Mapping[str, Any]], version: str, by: User) -> None:
    """Each has partner (its key), name, task."""
    row = open_for_writing(proposal, by, part=TEAM, version=version)
    _replace(TeamMember, row, rows)


@transaction.atomic
def save_plan(*, proposal: Proposal, rows: Iterable[Mapping[str, Any]], version: str, by: User) -> None:
    """Each has partner (its key, or None), title, result, starts_on, ends_on."""
    row = open_for_writing(proposal, by, part=PLAN, version=version)
    _replace(WorkPackage, row, rows)


def _replace(model: type[models.Model], row: Proposal, rows: Iterable[Mapping[str, Any]]) -> None:
    partners = set(row.partners.values_list("pk", flat=True))
    manager = model._default_manager
    manager.filter(proposal=row).delete()
    manager.bulk_create(
        model(
            proposal=row,
            partner_id=values["partner"] if values["partner"] in partners else None,
            position=position,
            **{name: value for name, value in values.items() if name != "partner"},
        )
        for position, values in enumerate(rows)
    )
    touch(row)


def outside(proposal: Proposal) -> list[str]:
    """A sentence for each work package that is not within the dates of the proposal."""
    if not proposal.starts_on or not proposal.ends_on:
        return []
    late = models.Q(starts_on__lt=proposal.starts_on) | models.Q(ends_on__gt=proposal.ends_on)
    said = _("“%(title)s” is not within the dates of the proposal.")
    return [said % {"title": title} for title in proposal.work_packages.filter(late).values_list("title", flat=True)]
