"""Two records of one institution: choose them, read what would happen, merge them, take it back."""

from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, F, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.actions.merges import Outdated, merge_institutions, undo_merge
from members.forms.merges import MergeForm, UndoForm
from members.merging import Keep, Plan, declared, plan_merge
from members.models import Institution, InstitutionMerge, MergeEntry
from members.permissions import UNDO_WITHIN
from members.search import institutions_meant
from workflow.actions import WrongState

RECENT = 10
LONGEST_SEARCH = 200
Act = MergeEntry.Act


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(OFFICER, ADMINISTRATOR)
def merge_new(request: HttpRequest) -> HttpResponse:
    """The whole state is in the address: the record that stays, the one that goes, and the words that were looked for."""
    kept, gone = chosen(request, "kept"), chosen(request, "gone")
    if kept and gone and kept != gone:
        return merge_preview(request, kept, gone)
    if request.method == "POST":
        return second_click(request)
    words = request.GET.get("q", "").replace("\x00", " ").strip()[:LONGEST_SEARCH]
    one = kept or gone
    context: dict[str, Any] = {
        "one": one,
        "place": "gone" if kept else "kept",
        "q": words,
        "found": offered(request, one, words) if words else alike(request, one),
        "recent": InstitutionMerge.objects.visible_to(request.user).select_related("kept", "by")[:RECENT],
    }
    return render(request, "members/merge_new.html", context)


def chosen(request: HttpRequest, name: str) -> Institution | None:
    slug = (request.POST if request.method == "POST" else request.GET).get(name, "").replace("\x00", "")
    rows = Institution.objects.visible_to(request.user).with_standing().select_related("country")
    return rows.filter(slug=slug).first() if slug else None


def offered(request: HttpRequest, one: Institution | None, words: str) -> list[dict]:
    meant = institutions_meant(words, request.user)
    return [choice(one, other.institution, other.why) for other in meant if other.institution != one]


def alike(request: HttpRequest, one: Institution | None) -> list[dict]:
    """Without words: those that look like the record that is chosen already."""
    if one is None:
        return []
    others = Institution.objects.visible_to(request.user).look_alikes(*one.names.values_list("value", flat=True))
    return [choice(one, other, _("It has a name that looks the same.")) for other in others.exclude(pk=one.pk)[:RECENT]]


def choice(one: Institution | None, other: Institution, why: str) -> dict:
    pair = {"kept": one.slug, "gone": other.slug} if one else {"kept": other.slug}
    return {"institution": other, "why": why, "url": f"{reverse('members:merge_new')}?{urlencode(pair)}"}


def merge_preview(request: HttpRequest, kept: Institution, gone: Institution) -> HttpResponse:
    plan = plan_merge(kept, gone)
    if request.method != "POST":
        return show(request, plan, MergeForm(plan=plan, initial={"token": plan.token}))
    form = MergeForm(request.POST, plan=plan)
    if plan.refusals:
        return show(request, plan, form, status=422)
    if request.POST.get("token") != plan.token:
        return show(request, plan, outdated(request, plan), status=409)
    if not form.is_valid():
        return show(request, plan, form, status=422)
    try:
        merge = merge_institutions(
            kept=kept,
            gone=gone,
            choices=form.choices,
            reason=form.cleaned_data["reason"],
            token=form.cleaned_data["token"],
            by=request.user,
        )
    except Outdated as problem:
        return show(request, problem.plan, outdated(request, problem.plan), status=409)
    except WrongState:
        return second_click(request)
    except ValidationError as problem:
        form.add_error(None, problem)
        return show(request, plan, form, status=422)
    messages.success(request, _("The two records are one. The people of both are being told."))
    return redirect(merge)


def outdated(request: HttpRequest, plan: Plan) -> MergeForm:
    """What was typed stays, and the token is that of what is shown now."""
    initial = {name: value for name, value in request.POST.items() if name == "reason" or name.startswith("field-")}
    return MergeForm(plan=plan, initial={**initial, "token": plan.token})


def show(request: HttpRequest, plan: Plan, form: MergeForm, status: int = 200) -> HttpResponse:
    swapped = urlencode({"kept": plan.gone.slug, "gone": plan.kept.slug})
    context = {
        "plan": plan,
        "form": form,
        "conflict": status == 409,
        "swap_url": f"{reverse('members:merge_new')}?{swapped}",
    }
    return render(request, "members/merge_preview.html", context, status=status)


def second_click(request: HttpRequest) -> HttpResponse:
    """The record is gone because this was done already: lead to what was done."""
    slugs = [request.POST.get("kept", ""), request.POST.get("gone", "")]
    done = InstitutionMerge.objects.visible_to(request.user).in_force()
    merge = done.filter(gone_slug__in=[slug.replace("\x00", "") for slug in slugs if slug]).first()
    return redirect(merge or "members:merge_new")


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def merge_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return show_merge(request, find(request, pk), UndoForm())


@require_POST
@role_required(OFFICER, ADMINISTRATOR)
def merge_undo(request: HttpRequest, pk: int) -> HttpResponse:
    merge = find(request, pk)
    form = UndoForm(request.POST)
    if merge.undone_at:
        return redirect(merge)
    if not form.is_valid():
        return show_merge(request, merge, form, status=422)
    try:
        undo_merge(merge=merge, reason=form.cleaned_data["reason"], by=request.user)
    except WrongState as problem:
        form.add_error(None, problem)
        return show_merge(request, find(request, pk), form, status=422)
    messages.success(request, _("The two records are two again. The people of both are being told."))
    return redirect(merge)


def find(request: HttpRequest, pk: int) -> InstitutionMerge:
    rows = InstitutionMerge.objects.select_related("kept", "by", "undone_by").annotate(
        until=F("merged_at") + UNDO_WITHIN
    )
    return get_visible_or_404(rows, request.user, pk=pk)


def show_merge(request: HttpRequest, merge: InstitutionMerge, form: UndoForm, status: int = 200) -> HttpResponse:
    context = {
        "merge": merge,
        "moved": counted(merge, Act.SET),
        "dropped": counted(merge, Act.DROPPED, Act.TWIN),
        "form": form if can(request.user, "undo", merge) else None,
    }
    return render(request, "members/merge_detail.html", context, status=status)


def counted(merge: InstitutionMerge, *acts: str) -> list[tuple[str, int]]:
    """(records, number), in the order in which they were dealt with; the two records themselves are no part of it."""
    found = merge.entries.filter(act__in=acts).exclude(model=Institution._meta.label_lower).order_by()
    rows = found.values("model").annotate(number=Count("key", distinct=True), last=Max("pk")).order_by("last")
    return [(str(name_of(row["model"])), row["number"]) for row in rows]


def name_of(label: str) -> str:
    """As the preview called them, while the model is there."""
    rules = [rule for key, rule in declared().items() if key.model == label and not isinstance(rule, Keep)]
    if rules:
        return str(rules[0].label)
    try:
        return apps.get_model(label)._meta.verbose_name_plural
    except LookupError:
        return label
