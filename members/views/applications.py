"""Where an application stands, for those who apply: at the desk, or by the link of the mail where there is no account."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404
from accounts.models import User
from accounts.permissions import has_confirmed_address
from members.actions.applications import (
    answer_question,
    begin_application,
    confirm_application,
    discard_draft,
    submit_application,
    withdraw_application,
)
from members.forms.applications import REQUIRED, AnswerForm, ApplicationForm, SentApplication, WithdrawForm
from members.models import Institution, MembershipApplication
from members.views.apply import as_typed, chosen_institution, in_words, shown_answers
from members.views.timeline import timeline
from members.workflow.applications import what_stands
from members.workflow.stations import next_meeting, next_step, to_come
from toolkit.limits import too_often
from toolkit.network import client_network
from workflow.actions import WrongState

State = MembershipApplication.State
ANSWERS_AN_HOUR = 20


class Way(NamedTuple):
    """How somebody came to an application, and in whose name its moves are made: an account's, or the link's."""

    application: MembershipApplication
    by: User | None
    status_url: str
    confirm_url: str
    answer_url: str
    withdraw_url: str


def applications():
    return MembershipApplication.objects.select_related("institution", "country", "applicant")


# --- By the link of the mail


def private(view):
    """The address is a secret: it is not kept and not indexed. The portal tells no address to other sites anyway; without
    any, browsers would not say where a form comes from, and it would be refused."""

    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        application = applications().of_token(token).first()
        if application is None:
            response = render(request, "members/application_gone.html", status=404)
        else:
            addresses = [
                reverse(f"members:application_{name}", args=[token])
                for name in ("status", "token_confirm", "token_answer", "token_withdraw")
            ]
            way = Way(application, None, *addresses)
            response = view(request, way)
        response["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(guarded)


@require_safe
@private
def application_status(request: HttpRequest, way: Way) -> HttpResponse:
    if way.application.state == State.UNCONFIRMED:
        return _show_confirmation(request, way)
    return _show_status(request, way)


@require_POST
@private
def application_confirm(request: HttpRequest, way: Way) -> HttpResponse:
    """A second click, or a second tab, finds that it is done."""
    try:
        confirm_application(application=way.application)
    except WrongState:
        pass
    except ValidationError as problem:
        return _show_confirmation(request, way, problem=" ".join(problem.messages), status=422)
    return redirect(way.status_url)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def application_token_answer(request: HttpRequest, way: Way) -> HttpResponse:
    if request.method == "POST" and too_often(f"answer:{client_network(request)}", limit=ANSWERS_AN_HOUR, seconds=3600):
        form = AnswerForm(request.POST)
        form.add_error(None, _("Many answers came from your network within the hour. Please try again later."))
        return _show_status(request, way, form=form, status=429)
    return _answer(request, way)


@require_http_methods(["GET", "HEAD", "POST"])
@private
def application_token_withdraw(request: HttpRequest, way: Way) -> HttpResponse:
    return _withdraw(request, way)


# --- At the desk


def way_of(request: HttpRequest, pk: int) -> Way:
    application = get_visible_or_404(applications(), request.user, pk=pk)
    addresses = [reverse(f"members:application_{name}", args=[pk]) for name in ("submit", "answer", "withdraw")]
    return Way(application, request.user, application.get_absolute_url(), *addresses)


@require_safe
@login_required
def application_detail(request: HttpRequest, pk: int) -> HttpResponse:
    way = way_of(request, pk)
    if way.application.state == State.DRAFT:
        return _show_draft(request, way.application)
    return _show_status(request, way)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application_edit(request: HttpRequest, pk: int) -> HttpResponse:
    application = way_of(request, pk).application
    if not can(request.user, "write", application):
        messages.info(request, _("The application is sent: its answers stay as they are."))
        return redirect(application)
    institution = chosen_institution(request) or application.institution
    given: dict[str, Any] = {"institution": institution, "user": request.user}
    if request.method != "POST":
        form = ApplicationForm(instance=application, **given)
        return _show_edit(request, application, form, institution)
    if "choose" in request.POST:
        form = ApplicationForm(initial=as_typed(request), **given)
        return _show_edit(request, application, form, institution)
    lenient = "later" in request.POST
    form = ApplicationForm(request.POST, instance=application, lenient=lenient, **given)
    if not form.is_valid():
        return _show_edit(request, application, form, institution, status=422)
    if request.POST.get("version", "") != _version(application):
        return _show_conflict(request, application, form, institution)
    begin_application(application=form.save(commit=False), key="", by=request.user)
    return redirect(reverse("anso_portal:desk") + "#mine" if lenient else application)


@require_POST
@login_required
def application_submit(request: HttpRequest, pk: int) -> HttpResponse:
    application = way_of(request, pk).application
    if application.applicant == request.user and application.state != State.DRAFT:
        return redirect(application)  # a second click
    try:
        submit_application(application=application, by=request.user)
    except WrongState:
        pass  # the first one was quicker
    except ValidationError as problem:
        return _show_draft(request, application, problem=" ".join(problem.messages), status=422)
    return redirect(application)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application_answer(request: HttpRequest, pk: int) -> HttpResponse:
    way = way_of(request, pk)
    demand_speaker(way)
    return _answer(request, way)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def application_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    way = way_of(request, pk)
    if way.application.state != State.DRAFT:
        demand_speaker(way)
        return _withdraw(request, way)
    if request.method == "POST":
        discard_draft(application=way.application, by=request.user)
        messages.success(request, _("The draft is discarded."))
        return redirect("anso_portal:desk")
    return render(request, "members/application_withdraw.html", {"way": way, "application": way.application})


def demand_speaker(way: Way) -> None:
    """Before anything is shown that only a speaker could send."""
    reason = _("The applicant, a focal point of the institution or a deputy can do this.")
    demand(way.by, "answer", way.application, reason)


# --- What both ways share


def _answer(request: HttpRequest, way: Way) -> HttpResponse:
    if request.method != "POST":
        return redirect(way.status_url)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _show_status(request, way, form=form, status=422)
    try:
        answer_question(application=way.application, text=form.cleaned_data["text"], by=way.by)
    except WrongState as problem:
        messages.info(request, problem.messages[0])
    return redirect(way.status_url)


def _withdraw(request: HttpRequest, way: Way) -> HttpResponse:
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdraw_application(application=way.application, by=way.by, reason=form.cleaned_data["reason"])
        except WrongState as problem:
            messages.info(request, problem.messages[0])
        return redirect(way.status_url)
    if not way.application.is_open:
        return redirect(way.status_url)
    context = {"way": way, "application": way.application, "form": form}
    return render(request, "members/application_withdraw.html", context, status=422 if form.is_bound else 200)


def _show_status(request: HttpRequest, way: Way, form: AnswerForm | None = None, status: int = 200) -> HttpResponse:
    application = way.application
    may_speak = way.by is None or can(way.by, "answer", application)
    context = {
        "way": way,
        "application": application,
        "entries": timeline(application),
        "next": next_step(application, for_applicant=may_speak),
        "next_meeting": next_meeting(application),
        "to_come": to_come(application),
        "may_speak": may_speak,
        "form": (form or AnswerForm()) if may_speak and application.state == State.ASKED else None,
        "sections": answers_of(application),
    }
    return render(request, "members/application_status.html", context, status=status)


def _show_confirmation(request: HttpRequest, way: Way, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        "way": way,
        "application": way.application,
        "problem": problem or obstacle_of(way.application),
        "sections": answers_of(way.application),
    }
    return render(request, "members/application_confirm.html", context, status=status)


def _show_draft(
    request: HttpRequest, application: MembershipApplication, problem: str = "", status: int = 200
) -> HttpResponse:
    form = ApplicationForm(instance=application, institution=application.institution, user=request.user)
    missing = [field for field in form if field.name in REQUIRED and not field.value()]
    context = {
        "application": application,
        "sections": shown_answers(form),
        "missing": missing,
        "problem": problem or obstacle_of(application),
        "is_confirmed": has_confirmed_address(request.user),
    }
    return render(request, "members/application_draft.html", context, status=status)


def obstacle_of(application: MembershipApplication) -> str:
    if not application.institution_id:
        return ""
    return what_stands(Institution.objects.with_standing().get(pk=application.institution_id), but=application)


def answers_of(application: MembershipApplication) -> list[tuple[str, list[tuple[Any, str]]]]:
    """All that was answered, the address of the applicant included; what was left empty is left out."""
    sections = shown_answers(SentApplication(instance=application))
    found = [(heading, [row for row in rows if row[1]]) for heading, rows in sections]
    return [(heading, rows) for heading, rows in found if rows]


def _show_edit(request, application, form: ApplicationForm, institution, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "application": application,
        "institution": institution,
        "version": request.POST.get("version") or _version(application),
        "action": reverse("members:application_edit", args=[application.pk]),
    }
    return render(request, "members/apply_form.html", context, status=status)


def _show_conflict(request, application, form: ApplicationForm, institution) -> HttpResponse:
    """Somebody saved it meanwhile, in another window: what was typed stays in the fields, what is stored stands beside."""
    stored = MembershipApplication.objects.get(pk=application.pk)
    kept = ApplicationForm(instance=stored, institution=institution, user=request.user)
    context = {
        "form": form,
        "application": stored,
        "institution": institution,
        "version": _version(stored),
        "differing": [
            (field, in_words(field, kept)) for field in kept if field.name != "key" and _differs(field, form)
        ],
        "action": reverse("members:application_edit", args=[application.pk]),
    }
    return render(request, "members/apply_form.html", context, status=409)


def _differs(field, form: ApplicationForm) -> bool:
    typed = form.cleaned_data.get(field.name)
    return (getattr(typed, "pk", typed) or "") != (field.value() or "")


def _version(application: MembershipApplication) -> str:
    return application.changed_at.isoformat()
