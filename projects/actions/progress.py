"""The milestones and outputs of a project, as its people keep them: each list is saved as a whole."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from projects.models import Milestone, Output, Project
from toolkit.clock import database_today
from toolkit.saving import ChangedMeanwhile, digest

Row = Mapping[str, Any]
FIELDS: dict[type[Milestone | Output], tuple[str, ...]] = {
    Milestone: ("title", "due_on", "reached_on", "note"),
    Output: ("kind", "title", "doi", "url", "published_in"),
}


def rows_of(project: Project, model: type[Milestone | Output]) -> list[dict[str, Any]]:
    return list(model.objects.filter(project=project).values(*FIELDS[model]))


def version_of(rows: Iterable[Row]) -> str:
    return digest([dict(row) for row in rows])


@transaction.atomic
def save_progress(
    *, project: Project, model: type[Milestone | Output], rows: Iterable[Row], version: str, by: User
) -> None:
    """Rows that stay as they were are not touched, so that the history tells what changed.

    ChangedMeanwhile where `version` is not the one that stands.
    """
    demand(by, "tend", project, _("The people of the institution that leads the project, and officers, can do this."))
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    held = list(model.objects.filter(project=project))
    fields = FIELDS[model]
    if version != version_of({name: getattr(row, name) for name in fields} for row in held):
        raise ChangedMeanwhile
    wanted = [model(project=project, **{name: row[name] for name in fields}) for row in rows]
    for row in wanted:
        row.full_clean(exclude=["project"])
        reached = getattr(row, "reached_on", None)
        if reached and reached > database_today():
            raise ValidationError(_("“%(title)s”: this day has not come yet.") % {"title": row.title}, code="not_yet")
    for old in held:
        same = next((new for new in wanted if all(getattr(new, name) == getattr(old, name) for name in fields)), None)
        if same:
            wanted.remove(same)
        else:
            old.delete()
    for row in wanted:
        row.save(force_insert=True)
