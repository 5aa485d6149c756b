"""What waits around projects: reports to write, and reports to read."""

import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import permission
from accounts.permissions import EVERYONE, secretariat
from projects.models import Milestone, Project, Report
from toolkit.clock import Today
from toolkit.desk import Item, Place, Request, oldest

AHEAD = datetime.timedelta(days=30)


def items(user) -> list[Item]:
    """Reports that the person's institutions owe soon, and for officers those to be read: one statement for both."""
    to_write = permission("write", Report)(user) & Q(state__in=Report.WAITING, due_on__lte=Today() + AHEAD)
    to_read = permission("judge", Report)(user) & Q(state=Report.State.SUBMITTED)
    rows = Report.objects.filter(to_write | to_read).select_related("project").order_by("due_on", "pk")
    return [*oldest(rows, _item, url="/projects/"), *([] if secretariat(user) == EVERYONE else _milestones(user))]


def _milestones(user) -> list[Item]:
    """Those of projects that the person's institutions lead, when their day comes near or has passed."""
    led = Project.objects.filter(permission("tend", Project)(user)).values("pk")
    near = Milestone.objects.filter(project__in=led, reached_on=None, due_on__lte=Today() + AHEAD)
    midnight = datetime.time(tzinfo=datetime.UTC)
    return oldest(
        near.select_related("project").order_by("due_on", "pk"),
        lambda one: Item(
            datetime.datetime.combine(one.due_on - AHEAD, midnight),
            _("milestone due %(day)s") % {"day": one.due_on.isoformat()},
            f"{one.title} ({one.project.acronym or one.project})",
            f"/desk/projects/{one.project.slug}/milestones/",
        ),
        url="/projects/",
    )


def _item(row: Report) -> Item:
    read, due = _("report to read"), _("report due %(day)s") % {"day": row.due_on.isoformat()}
    return Item(row.made_at, due if row.is_waiting else read, str(row), row.get_absolute_url())


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    return []
