"""Reviews that are written as sample: handed in, half written and not begun, so that each reviewer finds something."""

from datetime import datetime, timedelta

from accounts.models import User
from proposals.actions.conflicts import conflicts
from proposals.actions.reviewing import usual_criteria
from proposals.models import Call, CallReviewer, Criterion, Proposal, Redaction, Review, ReviewPlan, Score

Users = dict[str, User]


def load_plan(call: Call, entry: dict, users: Users, now: datetime) -> None:
    plan = ReviewPlan.objects.create(
        call=call,
        blindness=entry["blindness"],
        per_proposal=entry["per_proposal"],
        per_reviewer=entry["per_reviewer"],
        phase=entry["phase"],
        due_at=now + timedelta(days=entry["due_in_days"]),
    )
    Criterion.objects.bulk_create(usual_criteria(plan))
    assert call.closes_at is not None  # it is published
    invited_at = min(call.closes_at + timedelta(days=1), now)
    CallReviewer.objects.bulk_create(
        CallReviewer(
            call=call,
            user=users[one["email"]],
            state=one["state"],
            most=one.get("most"),
            invited_at=invited_at,
            answered_at=None if one["state"] == CallReviewer.State.INVITED else invited_at,
        )
        for one in entry["reviewers"]
        if one["email"] in users
    )


def load_reviews(proposal: Proposal, entry: dict, users: Users) -> None:
    """None where the registry knows a conflict of interest: what is real decides, not what is written here."""
    Redaction.objects.bulk_create(
        Redaction(proposal=proposal, field=field, text=text) for field, text in entry.get("redact", {}).items()
    )
    reviewers = {one.user_id: one for one in proposal.call.reviewers.all()}
    bound = conflicts(reviewers, [proposal.pk])
    criteria = list(proposal.call.review_plan.criteria.all())
    for one in entry["reviews"]:
        user = users.get(one["email"])
        if user is None or user.pk not in reviewers or bound.are_there(proposal.pk, user.pk):
            continue
        given_at = reviewers[user.pk].invited_at
        is_in = one["state"] == Review.State.SUBMITTED
        review = Review.objects.create(
            proposal=proposal,
            reviewer=reviewers[user.pk],
            state=one["state"],
            to_applicant=one.get("to_applicant", ""),
            to_officers=one.get("to_officers", ""),
            revision=1 if "points" in one else 0,
            assigned_at=given_at,
            changed_at=given_at,
            submitted_at=given_at if is_in else None,
        )
        Score.objects.bulk_create(
            Score(review=review, criterion=criterion, points=points)
            for criterion, points in zip(criteria, one.get("points", []), strict=False)
        )
