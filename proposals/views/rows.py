"""The parts of a proposal that are rows: budget, team, work plan. Each is saved as a whole, and by one person at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from proposals.actions.content import BUDGET, PLAN, TEAM, partners_of, total_of, version_of
from proposals.actions.drafts import save_budget
from proposals.actions.plans import save_plan, save_team
from proposals.forms.rows import LineFormSet, MemberFormSet, PackageFormSet
from proposals.models import Partner, Proposal
from proposals.views.writing import not_open, saved, sent_version, writable
from toolkit.saving import ChangedMeanwhile
from workflow.actions import WrongState


@dataclass(frozen=True)
class Page:
    """`rows` gives what is saved, as the forms take it; `save` takes all of it."""

    part: str
    name: str
    heading: str | Promise
    lead: str | Promise
    legend: str | Promise
    formset: type[BaseFormSet]
    rows: Callable[[Proposal, list[Partner]], list[dict[str, Any]]]
    save: Callable[..., None]


def budget_rows(proposal: Proposal, partners: list[Partner]) -> list[dict[str, Any]]:
    return [
        {"partner": partner.pk, "category": line.category, "label": line.label, "amount": line.amount}
        for partner in partners
        for line in partner.budget_lines.all()
    ]


def team_rows(proposal: Proposal, partners: list[Partner]) -> list[dict[str, Any]]:
    return list(proposal.team.values("partner", "name", "task"))


def plan_rows(proposal: Proposal, partners: list[Partner]) -> list[dict[str, Any]]:
    return list(proposal.work_packages.values("partner", "title", "result", "starts_on", "ends_on"))


def _save_budget(*, rows, **given) -> None:
    save_budget(lines=rows, **given)


BUDGET_PAGE = Page(
    BUDGET,
    "budget",
    gettext_lazy("Budget"),
    gettext_lazy("What each institution asks for. A changed share asks that institution to confirm again."),
    gettext_lazy("Line %(n)d"),
    LineFormSet,
    budget_rows,
    _save_budget,
)
TEAM_PAGE = Page(
    TEAM,
    "team",
    gettext_lazy("Team"),
    gettext_lazy("Who does the work. They need no account, and are not written to."),
    gettext_lazy("Person %(n)d"),
    MemberFormSet,
    team_rows,
    save_team,
)
PLAN_PAGE = Page(
    PLAN,
    "plan",
    gettext_lazy("Work plan"),
    gettext_lazy("The pieces of the work, each with its dates and what it gives."),
    gettext_lazy("Work package %(n)d"),
    PackageFormSet,
    plan_rows,
    save_plan,
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def budget_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edit(request, pk, BUDGET_PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def team_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edit(request, pk, TEAM_PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edit(request, pk, PLAN_PAGE)


def edit(request: HttpRequest, pk: int, page: Page) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    partners = partners_of(proposal)
    choices = {"partners": [(partner.pk, partner.institution.name) for partner in partners]}
    rows = page.rows(proposal, partners)
    if request.method != "POST":
        return show(request, proposal, partners, page, page.formset(initial=rows, form_kwargs=choices))
    formset = page.formset(request.POST, form_kwargs=choices)
    if not formset.is_valid():
        return show(request, proposal, partners, page, formset, version=sent_version(request), status=422)
    try:
        page.save(
            proposal=proposal,
            rows=[form.cleaned_data for form in formset if form.is_row],
            version=sent_version(request),
            by=request.user,
        )
    except ChangedMeanwhile:
        now = page.formset(initial=rows, form_kwargs=choices)
        return show(request, proposal, partners, page, formset, now=now, status=409)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    if "more" in request.POST:
        return redirect(f"proposals:{page.name}", pk)
    return saved(request, proposal)


def show(
    request, proposal: Proposal, partners, page: Page, formset, *, version="", now=None, status=200
) -> HttpResponse:
    """`now` is what somebody else has saved meanwhile, shown above what was typed."""
    context = {
        "proposal": proposal,
        "page": page,
        "formset": formset,
        "forms": [(page.legend % {"n": n}, form) for n, form in enumerate(formset, 1)],
        "version": version or version_of(proposal, page.part),
        "now": [told(form) for form in now.initial_forms] if now else None,
        "total": total_of(partners) if page is BUDGET_PAGE else None,
    }
    return render(request, "proposals/rows.html", context, status=status)


def told(form) -> str:
    """A saved row in one line, as its fields would show it."""
    words = []
    for field in form.visible_fields():
        choices = {str(key): label for key, label in getattr(field.field, "choices", [])}
        value = field.value()
        words.append(str(choices.get(str(value), "" if value is None else value)))
    return " · ".join(word for word in words if word)
