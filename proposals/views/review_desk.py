"""The review of a call for its officers: plan, reviewers, assignment, one proposal, ranking and panel.

All of it is of the proposals that this officer may see. What a conflict of interest hides is the work of a deputy.
"""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, get_visible_or_404
from accounts.models import User
from members.models import Person
from proposals.actions.assignment import ChangedSince, apply_assignment, assign_by_hand, take_away, work_out
from proposals.actions.conflicts import conflicts, declare_conflict
from proposals.actions.decisions import decidable
from proposals.actions.dossiers import dossier, redactable, version_of
from proposals.actions.ranking import lock_panel, ranking, review_scores, rounded, save_panel
from proposals.actions.redactions import save_redactions
from proposals.actions.reviewing import change_phase, invitable, invite_reviewers, plan_of, remind_reviewers
from proposals.actions.reviews import add_remark
from proposals.forms.reviews import (
    AssignForm,
    ConflictForm,
    CriterionFormSet,
    InviteForm,
    PanelForm,
    PlanForm,
    RedactionForm,
    RemarkForm,
)
from proposals.models import Call, CallReviewer, Panel, Proposal, Redaction, Review, ReviewPlan
from proposals.views.calls import editable, officers
from proposals.views.reviews import remarks, reviewer_numbers
from toolkit.listing.exports import export
from toolkit.saving import ChangedMeanwhile
from workflow.actions import moves_open_to

INVITABLE_SHOWN = 300


def review_page(call: Call) -> str:
    return f"{call.desk_url}review/"


def judged(call: Call, user):
    """What reviewers judge, as far as this officer may know of it."""
    rows = decidable(call, user).exclude(state__in=[Proposal.State.DRAFT, Proposal.State.WITHDRAWN])
    return rows.select_related("call").order_by("number")


def one_of(request: HttpRequest, call: Call, pk: int) -> Proposal:
    return get_visible_or_404(judged(call, request.user), request.user, pk=pk)


def refused(request: HttpRequest, problem: ValidationError) -> None:
    messages.error(request, " ".join(problem.messages))


@require_safe
@officers
def review_desk(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    plan = ReviewPlan.objects.filter(call=call).first()
    rows = judged(call, request.user)
    in_use = ~Q(reviews__state=Review.State.ABSTAINED) & Q(reviews__isnull=False)
    handed_in = Q(reviews__state=Review.State.SUBMITTED)
    proposals = list(rows.annotate(given=Count("reviews", filter=in_use), done=Count("reviews", filter=handed_in)))
    mine = Q(reviews__proposal__in=rows.values("pk"))
    asked = (
        CallReviewer.objects.filter(call=call)
        .select_related("user")
        .annotate(
            given=Count("reviews", filter=mine & ~Q(reviews__state=Review.State.ABSTAINED)),
            done=Count("reviews", filter=mine & Q(reviews__state=Review.State.SUBMITTED)),
        )
    )
    context = {
        "call": call,
        "plan": plan,
        "criteria": list(plan.criteria.all()) if plan else [],
        "moves": moves_open_to(request.user, plan) if plan else [],
        "proposals": proposals,
        "reviewers": list(asked.order_by("state", "pk")),
        "given": sum(one.given for one in proposals),
        "done": sum(one.done for one in proposals),
        "may_assign": plan is not None and plan.phase in (ReviewPlan.Phase.PREPARING, ReviewPlan.Phase.REVIEWING),
    }
    return render(request, "proposals/review/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def plan_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Criteria stay as they are once reviews were begun: scores stand below them."""
    call = editable(request, slug)
    plan = ReviewPlan.objects.filter(call=call).first() or ReviewPlan(call=call)
    data = request.POST if request.method == "POST" else None
    is_begun = plan.phase != ReviewPlan.Phase.PREPARING
    form = PlanForm(data, instance=plan)
    criteria = None if is_begun or plan.pk is None else CriterionFormSet(data, instance=plan)
    if data is not None and form.is_valid() and (criteria is None or criteria.is_valid()):
        with transaction.atomic():
            stored = plan_of(call, request.user)
            form.instance.pk, form.instance._state.adding = stored.pk, False
            form.save()
            if criteria is not None:
                criteria.save()
        return redirect("proposals:review_desk", slug)
    wrong = data is not None
    context = {"call": call, "plan": plan, "form": form, "criteria": criteria, "is_begun": is_begun}
    return render(request, "proposals/review/plan.html", context, status=422 if wrong else 200)


@require_POST
@officers
def phase_change(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    plan = get_visible_or_404(ReviewPlan, request.user, call=call)
    try:
        change_phase(plan=plan, to=request.POST.get("to", "")[:20], by=request.user)
    except ValidationError as problem:
        refused(request, problem)
    return redirect("proposals:review_desk", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def reviewers_invite(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    found = invitable(call).order_by("name", "pk")
    form = InviteForm(request.POST if request.method == "POST" else None, queryset=found)
    if request.method == "POST" and form.is_valid():
        made = invite_reviewers(call=call, users=form.cleaned_data["users"], by=request.user)
        text = ngettext("%(n)d reviewer is invited.", "%(n)d reviewers are invited.", len(made))
        messages.success(request, text % {"n": len(made)})
        return redirect("proposals:review_desk", slug)
    people = dict(Person.objects.filter(user__in=found.values("pk")).values_list("user", "expertise"))
    rows = [(user, people.get(user.pk, [])) for user in found[:INVITABLE_SHOWN]]
    chosen = set(request.POST.getlist("users"))
    context = {"call": call, "form": form, "rows": rows, "chosen": chosen}
    return render(request, "proposals/review/invite.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def reviewers_remind(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    plan = get_visible_or_404(ReviewPlan.objects.select_related("call"), request.user, call=call)
    number = remind_reviewers(plan=plan, by=request.user)
    text = ngettext("%(n)d reviewer is reminded.", "%(n)d reviewers are reminded.", number)
    messages.success(request, text % {"n": number})
    return redirect("proposals:review_desk", slug)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """The assignment that would be, with the reason for each pair; applied only as it was shown."""
    call = editable(request, slug)
    plan = get_visible_or_404(ReviewPlan.objects.select_related("call"), request.user, call=call)
    status, stale = 200, False
    if request.method == "POST":
        try:
            made = apply_assignment(plan=plan, key=request.POST.get("key", ""), by=request.user)
            text = ngettext("%(n)d new review is given.", "%(n)d new reviews are given.", len(made.new))
            messages.success(request, text % {"n": len(made.new)})
            return redirect("proposals:review_desk", slug)
        except ChangedSince:
            status, stale = 409, True
        except ValidationError as problem:
            refused(request, problem)
            return redirect("proposals:review_desk", slug)
    assignment = work_out(plan, request.user)
    context = {"call": call, "plan": plan, "assignment": assignment, "is_stale": stale}
    return render(request, "proposals/review/assign.html", context, status=status)


# --- One proposal


@require_safe
@officers
def proposal_reviews(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    return show_reviews(request, editable(request, slug), pk)


def show_reviews(request: HttpRequest, call: Call, pk: int, *, assign_form=None, conflict_form=None) -> HttpResponse:
    proposal = one_of(request, call, pk)
    plan = ReviewPlan.objects.filter(call=call).first()
    rows = Review.objects.visible_to(request.user).filter(proposal=proposal).select_related("reviewer__user")
    rows = list(rows.order_by("pk"))
    scores = review_scores(Review.objects.counting().filter(proposal=proposal))
    asked = CallReviewer.objects.filter(call=call).select_related("user")
    users = [one.user_id for one in asked]
    found = conflicts(users, [proposal.pk])
    numbers = reviewer_numbers(proposal)
    names = {one.user_id: str(one.user) for one in asked}
    free = CallReviewer.objects.filter(call=call).accepted().exclude(reviews__proposal=proposal)
    context = {
        "call": call,
        "proposal": proposal,
        "plan": plan,
        "reviews": [
            {"review": one, "number": numbers[one.pk], "score": rounded(scores[one.pk]) if one.pk in scores else None}
            for one in rows
        ],
        "bound": [(names[user], reasons) for (_pk, user), reasons in sorted(found.of.items())],
        "unknown": sorted(names[user] for user in found.unknown),
        "assign_form": assign_form or AssignForm(queryset=free.select_related("user")),
        "conflict_form": conflict_form or ConflictForm(queryset=people_of(call)),
        "remarks": remarks(proposal, request.user),
        "remark_form": RemarkForm(),
        "may_discuss": can(request.user, "discuss", proposal),
        "redactions": Redaction.objects.filter(proposal=proposal).count(),
    }
    wrong = assign_form is not None or conflict_form is not None
    return render(request, "proposals/review/proposal.html", context, status=422 if wrong else 200)


def people_of(call: Call):
    """Of whom an officer may say that they have a conflict: the reviewers and the officers of the call."""
    return User.objects.active().filter(Q(reviewing__call=call) | Q(calls_given__call=call)).distinct().order_by("name")


@require_POST
@officers
def review_add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = one_of(request, call, pk)
    plan = get_visible_or_404(ReviewPlan.objects.select_related("call"), request.user, call=call)
    form = AssignForm(request.POST, queryset=CallReviewer.objects.filter(call=call).select_related("user"))
    if form.is_valid():
        try:
            assign_by_hand(plan=plan, proposal=proposal, reviewer=form.cleaned_data["reviewer"], by=request.user)
            return redirect("proposals:proposal_reviews", slug, pk)
        except ValidationError as problem:
            form.add_error("reviewer", problem)
    return show_reviews(request, call, pk, assign_form=form)


@require_POST
@officers
def review_remove(request: HttpRequest, slug: str, pk: int, review: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = one_of(request, call, pk)
    row = get_visible_or_404(Review.objects.filter(proposal=proposal), request.user, pk=review)
    try:
        take_away(review=row, by=request.user)
    except ValidationError as problem:
        refused(request, problem)
    return redirect("proposals:proposal_reviews", slug, pk)


@require_POST
@officers
def conflict_add(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = one_of(request, call, pk)
    form = ConflictForm(request.POST, queryset=people_of(call))
    if not form.is_valid():
        return show_reviews(request, call, pk, conflict_form=form)
    user = form.cleaned_data["user"]
    declare_conflict(proposal=proposal, user=user, reason=form.cleaned_data["reason"], by=request.user)
    if user == request.user:
        messages.success(request, _("The proposal is hidden from you from now on."))
        return redirect("proposals:review_desk", slug)
    return redirect("proposals:proposal_reviews", slug, pk)


@require_POST
@officers
def office_remark(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = one_of(request, call, pk)
    form = RemarkForm(request.POST)
    if form.is_valid():
        add_remark(proposal=proposal, text=form.cleaned_data["text"], by=request.user)
    else:
        messages.error(request, _("The remark is empty or too long."))
    return redirect("proposals:proposal_reviews", slug, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def redact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    call = editable(request, slug)
    proposal = one_of(request, call, pk)
    plan = get_visible_or_404(ReviewPlan, request.user, call=call)
    texts = redactable(proposal)
    redacted = dict(Redaction.objects.filter(proposal=proposal).values_list("field", "text"))
    form = RedactionForm(request.POST if request.method == "POST" else None, texts=texts, redacted=redacted)
    status, stale = 200, []
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                version = request.POST.get("version", "")
                save_redactions(proposal=proposal, texts=form.texts(), version=version, by=request.user)
                return redirect("proposals:proposal_reviews", slug, pk)
            except ChangedMeanwhile:
                labels = {key: label for key, label, _text in texts}
                status, stale = 409, [(labels.get(key, key), text) for key, text in redacted.items()]
    context = {
        "call": call,
        "proposal": proposal,
        "plan": plan,
        "form": form,
        "version": version_of(proposal),
        "is_stale": status == 409,
        "stale": stale,
        "content": dossier(proposal, plan),
    }
    return render(request, "proposals/review/redact.html", context, status=status)


# --- Ranking and panel


@require_safe
@officers
def ranking_table(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    plan = ReviewPlan.objects.filter(call=call).first()
    rows = ranking(call, plan, request.user)
    kind = request.GET.get("format", "")
    if kind in ("csv", "xlsx", "json"):
        return export(kind, f"{call.slug}-ranking", RANKING_COLUMNS, rows)
    context = {"call": call, "plan": plan, "rows": rows, "panel": Panel.objects.filter(call=call).first()}
    return render(request, "proposals/review/ranking.html", context)


RANKING_COLUMNS = {
    "place": lambda row: row.place,
    "number": lambda row: row.proposal.reference,
    "title": lambda row: str(row.proposal),
    "state": lambda row: row.proposal.state,
    "reviews": lambda row: len(row.scores),
    "wanted": lambda row: row.wanted,
    "mean": lambda row: row.mean,
    "median": lambda row: row.median,
    "spread": lambda row: row.spread,
}


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def panel_edit(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    plan = ReviewPlan.objects.filter(call=call).first()
    panel = Panel.objects.filter(call=call).first() or Panel(call=call)
    rows = ranking(call, plan, request.user)
    form = PanelForm(request.POST if request.method == "POST" else None, instance=panel, rows=rows)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in ("held_on", "place", "minutes")}
        try:
            save_panel(call=call, order=form.order(), by=request.user, **values)
            messages.success(request, _("Saved."))
            return redirect("proposals:panel", slug)
        except ValidationError as problem:
            form.add_error(None, problem)
    panel = Panel.objects.filter(call=call).first() or Panel(call=call)
    context = {"call": call, "plan": plan, "panel": panel, "form": form, "rows": rows}
    return render(request, "proposals/review/panel.html", context, status=422 if form.errors else 200)


@require_POST
@officers
def panel_lock(request: HttpRequest, slug: str) -> HttpResponse:
    call = editable(request, slug)
    panel = get_visible_or_404(Panel, request.user, call=call)
    try:
        lock_panel(panel=panel, by=request.user)
        messages.success(request, _("The ranking is locked."))
    except ValidationError as problem:
        refused(request, problem)
    return redirect("proposals:panel", slug)
