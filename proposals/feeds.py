"""Dates of calls, proposals and reviews, for calendars."""

from django.urls import reverse
from django.utils.translation import gettext as _

from proposals.models import Call, Proposal, Review
from toolkit.calendars import Entry


def entry_of(call: Call) -> Entry:
    """Its deadline, at the same instant in every zone."""
    assert call.closes_at
    return Entry(
        f"call-{call.pk}",
        _("Deadline: %(title)s") % {"title": call.title},
        call.closes_at,
        call.get_absolute_url(),
        text=call.summary,
        changed_at=call.published_at,
    )


def dates(user) -> list[Entry]:
    """Deadlines of the drafts that the person writes, and days by which reviews are due."""
    drafts = Proposal.objects.taken().filter(applicant=user, state__in=Proposal.OPEN).select_related("call")
    waiting = Review.objects.visible_to(user).filter(
        reviewer__user=user, state__in=Review.OPEN, reviewer__call__review_plan__due_at__isnull=False
    )
    due = {
        review.reviewer.call_id: review.reviewer.call
        for review in waiting.select_related("reviewer__call__review_plan").order_by("pk")
    }
    return [
        *(
            Entry(
                f"proposal-{draft.pk}",
                _("Submit: %(title)s") % {"title": draft},
                draft.call.closes_at,
                draft.get_absolute_url(),
                text=draft.call.title,
            )
            for draft in drafts.order_by("pk")
            if draft.call.closes_at
        ),
        *(
            Entry(
                f"reviews-{call.pk}",
                _("Reviews due: %(title)s") % {"title": call.title},
                call.review_plan.due_at,
                reverse("proposals:reviews"),
            )
            for call in due.values()
        ),
    ]
