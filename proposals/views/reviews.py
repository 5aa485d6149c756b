"""The pages of reviewers: what they are asked, what they were given, and one review."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404, role_required
from accounts.permissions import REVIEWER
from proposals.actions.dossiers import dossier
from proposals.actions.ranking import review_scores, rounded
from proposals.actions.reviewing import answer_invitation
from proposals.actions.reviews import (
    SavedMeanwhile,
    abstain,
    add_remark,
    missing,
    next_open,
    reopen_review,
    save_review,
    submit_review,
)
from proposals.forms.reviews import AbstainForm, AnswerForm, RemarkForm, ReviewForm
from proposals.models import CallReviewer, Criterion, Remark, Review, ReviewPlan
from toolkit.markdown import html_of

reviewers = role_required(REVIEWER)
SHOWN = 200


def reviews():
    return Review.objects.with_title().select_related("reviewer")


def own_review(request: HttpRequest, pk: int) -> Review:
    return get_visible_or_404(reviews().filter(reviewer__user=request.user), request.user, pk=pk)


@require_safe
@reviewers
def review_list(request: HttpRequest) -> HttpResponse:
    """By call, the ones still to do first; those whose answer is awaited above."""
    user = request.user
    asked = CallReviewer.objects.visible_to(user).filter(user=user).select_related("call__review_plan")
    rows = (
        Review.objects.visible_to(user)
        .filter(reviewer__user=user)
        .with_title()
        .annotate(is_now=Q(proposal__call__review_plan__phase__in=ReviewPlan.WRITING))
        .order_by("-is_now", "-proposal__call__closes_at", "proposal__number")
    )
    by_call: dict[int, dict[str, Any]] = {}
    for review in rows[:SHOWN]:
        call = review.proposal.call
        group = by_call.setdefault(call.pk, {"call": call, "plan": call.review_plan, "reviews": [], "done": 0})
        group["reviews"].append(review)
        group["done"] += review.state in (Review.State.SUBMITTED, Review.State.ABSTAINED)
    context = {"asked": list(asked.order_by("-invited_at")[:50]), "groups": list(by_call.values())}
    return render(request, "proposals/review/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewers
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    asked = get_visible_or_404(
        CallReviewer.objects.select_related("call").filter(user=request.user), request.user, pk=pk
    )
    initial = (
        {} if asked.state == CallReviewer.State.INVITED else {"accept": "yes" if asked.state == "accepted" else "no"}
    )
    form = AnswerForm(request.POST if request.method == "POST" else None, instance=asked, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("most", "away_from", "away_until", "alternative")}
        try:
            answer_invitation(reviewer=asked, accept=form.cleaned_data["accept"] == "yes", by=request.user, **values)
            messages.success(request, _("Your answer is with the officers. Thank you."))
            return redirect("proposals:reviews")
        except ValidationError as problem:
            form.add_error(None, problem)
    plan = ReviewPlan.objects.filter(call=asked.call).first()
    context = {
        "asked": asked,
        "call": asked.call,
        "plan": plan,
        "instructions": html_of(plan.instructions) if plan else "",
        "form": form,
    }
    return render(request, "proposals/review/invitation.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewers
def review_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The dossier and the form beside it. Buttons: save, save and next, hand in."""
    review = own_review(request, pk)
    criteria = list(Criterion.objects.filter(plan__call=review.proposal.call_id))
    may_write = can(request.user, "write", review)
    is_open = may_write and review.state in Review.OPEN
    if request.method != "POST":
        return show_review(request, review, ReviewForm(criteria=criteria, review=review) if is_open else None)
    demand(request.user, "write", review, _("The reviewer to whom it is given can do this, while reviews are written."))
    form = ReviewForm(request.POST, criteria=criteria)
    if not form.is_valid():
        return show_review(request, review, form, status=422)
    try:
        save_review(
            review=review,
            points=form.points(),
            to_applicant=form.cleaned_data["to_applicant"],
            to_officers=form.cleaned_data["to_officers"],
            revision=form.cleaned_data["revision"],
            by=request.user,
        )
        if "submit" in request.POST:
            submit_review(review=review, by=request.user)
    except SavedMeanwhile:
        review.refresh_from_db()
        form.data = {**form.data.dict(), "revision": review.revision}
        return show_review(request, review, form, now=saved_form(review, criteria), status=409)
    except ValidationError as problem:
        if problem.error_list and problem.error_list[0].code == "wrong_state":
            messages.error(request, " ".join(problem.messages))
            return redirect(review)
        review = own_review(request, pk)
        form.data = {**form.data.dict(), "revision": review.revision}
        return show_review(request, review, form, problems=problem.messages, status=422)
    if "submit" in request.POST or "next" in request.POST:
        following = next_open(review, request.user)
        text = _("Handed in.") if "submit" in request.POST else _("Saved.")
        messages.success(request, text if following else f"{text} {_('That was the last one.')}")
        return redirect(following) if following else redirect("proposals:reviews")
    messages.success(request, _("Saved."))
    return redirect(review)


def saved_form(review: Review, criteria: list[Criterion]) -> list[tuple[str, str]]:
    """What stands in the database, in words, beside the text of a form that came too late."""
    points = dict(review.scores.values_list("criterion", "points"))
    given = [(one.label, one.labels[points[one.pk] - 1] if one.pk in points else "–") for one in criteria]
    return [
        *given,
        (_("Comment to the applicants"), review.to_applicant),
        (_("Comment to the officers alone"), review.to_officers),
    ]


def show_review(request: HttpRequest, review: Review, form, *, now=(), problems=(), status: int = 200) -> HttpResponse:
    plan, user = review.proposal.call.review_plan, request.user
    content = dossier(review.proposal, plan)
    own_ones = Review.objects.visible_to(user).filter(reviewer__user=user, proposal__call=plan.call_id)
    criteria = list(plan.criteria.all())
    context = {
        "review": review,
        "call": review.proposal.call,
        "plan": plan,
        "content": content,
        "form": form,
        "now": now,
        "problems": problems,
        "instructions": html_of(plan.instructions),
        "said": saved_form(review, criteria),
        "missing": missing(review) if review.state in Review.OPEN else [],
        "may_write": can(user, "write", review),
        "done": own_ones.exclude(state__in=Review.OPEN).count(),
        "all": own_ones.count(),
        "following": next_open(review, user),
        "may_discuss": can(user, "discuss", review.proposal),
        "others": others(review, user),
        "remarks": remarks(review.proposal, user),
        "remark_form": RemarkForm(),
    }
    return render(request, "proposals/review/edit.html", context, status=status)


def others(review: Review, user) -> list[dict[str, Any]]:
    """The reviews of the others, under numbers and never under names; none before the own is handed in."""
    rows = Review.objects.visible_to(user).counting().filter(proposal=review.proposal).exclude(reviewer__user=user)
    rows = list(rows.order_by("pk"))
    scores = review_scores(Review.objects.filter(pk__in=[one.pk for one in rows])) if rows else {}
    numbers = reviewer_numbers(review.proposal)
    return [
        {
            "number": numbers[one.pk],
            "score": rounded(scores[one.pk]) if one.pk in scores else None,
            "text": one.to_applicant,
        }
        for one in rows
    ]


def reviewer_numbers(proposal) -> dict[int, int]:
    """By review: the number under which its reviewer speaks."""
    keys = Review.objects.filter(proposal=proposal).order_by("pk").values_list("pk", flat=True)
    return {key: number for number, key in enumerate(keys, 1)}


def remarks(proposal, user) -> list[dict[str, Any]]:
    rows = Remark.objects.visible_to(user).filter(proposal=proposal).select_related("review__reviewer")
    numbers = reviewer_numbers(proposal)
    return [
        {
            "who": _("Reviewer %(n)d") % {"n": numbers[one.review_id]} if one.review_id else _("The office"),
            "is_own": one.by_id == user.pk,
            "at": one.at,
            "text": one.text,
        }
        for one in rows
    ]


@require_POST
@reviewers
def review_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    review = own_review(request, pk)
    try:
        reopen_review(review=review, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(review)


@require_http_methods(["GET", "HEAD", "POST"])
@reviewers
def review_abstain(request: HttpRequest, pk: int) -> HttpResponse:
    review = own_review(request, pk)
    demand(request.user, "write", review, _("The reviewer to whom it is given can do this, while reviews are written."))
    form = AbstainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        abstain(
            review=review,
            reason=form.cleaned_data["reason"],
            has_conflict=form.cleaned_data["has_conflict"] == "yes",
            by=request.user,
        )
        messages.success(request, _("You have abstained; the officers find somebody else."))
        return redirect("proposals:reviews")
    context = {"review": review, "form": form}
    return render(request, "proposals/review/abstain.html", context, status=422 if form.errors else 200)


@require_POST
@reviewers
def remark_add(request: HttpRequest, pk: int) -> HttpResponse:
    review = own_review(request, pk)
    form = RemarkForm(request.POST)
    if form.is_valid():
        add_remark(proposal=review.proposal, text=form.cleaned_data["text"], by=request.user)
    else:
        messages.error(request, _("The remark is empty or too long."))
    return redirect(f"{review.get_absolute_url()}#discussion")


@require_safe
@reviewers
def dossiers(request: HttpRequest, pk: int) -> HttpResponse:
    """All proposals that were given to this reviewer in a call, as one page to print or to save."""
    asked = get_visible_or_404(
        CallReviewer.objects.select_related("call__review_plan").filter(user=request.user), request.user, pk=pk
    )
    plan = ReviewPlan.objects.filter(call=asked.call).first()
    rows = Review.objects.visible_to(request.user).in_use().filter(reviewer=asked).select_related("proposal__call")
    found = [(review, dossier(review.proposal, plan)) for review in rows.order_by("proposal__number")] if plan else []
    return render(request, "proposals/review/dossiers.html", {"asked": asked, "call": asked.call, "dossiers": found})
