"""Applications to join, for the secretariat: the queue, one of them, and the page of each step that leads it on."""

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.actions import applications as actions
from members.forms.memberships import (
    AcceptForm,
    AdmissionForm,
    EndorsementForm,
    NoteForm,
    PlainForm,
    QuestionForm,
    RefusalForm,
)
from members.models import Institution, MembershipApplication
from members.views.applications import answers_of
from members.views.choosing import MOST_FOUND, look_up
from members.views.timeline import timeline
from members.workflow.stations import next_meeting, next_step, to_come
from toolkit.listing.parameters import read_page
from workflow.actions import WrongState, moves_open_to
from workflow.tables import Move, table_of

State = MembershipApplication.State
A_PAGE = 25


def queue(user):
    return MembershipApplication.objects.visible_to(user).exclude(state__in=MembershipApplication.UNSENT)


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def membership_list(request: HttpRequest) -> HttpResponse:
    """Open ones unless states are asked for; those that wait longest for a step come first."""
    rows = queue(request.user)
    counts = Counter(rows.values_list("state", flat=True))
    asked = [state for state in request.GET.getlist("state") if state in State.values]
    chosen = asked or list(MembershipApplication.OPEN)
    found = rows.filter(state__in=chosen).for_list()
    is_over = bool(asked) and set(asked) <= set(MembershipApplication.ENDED)
    found = found.order_by("-changed_at", "-pk") if is_over else found.order_by("changed_at", "pk")
    page = Paginator(found, A_PAGE).get_page(read_page(request.GET.get("page", "")))
    sent = [state for state in State if state not in MembershipApplication.UNSENT]
    context = {
        "page": page,
        "asked": asked,
        "open_total": sum(counts[state] for state in MembershipApplication.OPEN),
        "states": [
            (state.value, state.label, counts[state], state in asked)
            for state in sent
            if counts[state] or state in asked
        ],
        "is_over": is_over,
    }
    return render(request, "members/membership_list.html", context)


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def membership_detail(request: HttpRequest, pk: int) -> HttpResponse:
    application = application_at(request, pk)
    steps = steps_open_to(request.user, application)
    context = {
        "application": application,
        "sections": answers_of(application),
        "entries": timeline(application),
        "next": next_step(application, for_applicant=False),
        "next_meeting": next_meeting(application),
        "to_come": to_come(application),
        "steps": steps,
        "is_barred": application.is_open and not steps,
        "alike": [] if application.institution_id else look_alikes(application, request.user),
        "record": record_of(application, request.user),
    }
    return render(request, "members/membership_detail.html", context)


def application_at(request: HttpRequest, pk: int) -> MembershipApplication:
    rows = queue(request.user).select_related("institution__country", "country", "applicant")
    return get_visible_or_404(rows, request.user, pk=pk)


def record_of(application: MembershipApplication, user) -> Institution | None:
    """What the portal knows of the institution, with its standing."""
    if not application.institution_id:
        return None
    rows = Institution.objects.visible_to(user).with_standing().select_related("country").defer("names_folded")
    return rows.filter(pk=application.institution_id).first()


def look_alikes(application: MembershipApplication, user) -> list[Institution]:
    """By the looks of the name, by ROR id, words of the name, and acronym: whatever may be the same institution."""
    same = Institution.objects.visible_to(user).with_standing().look_alikes(application.name)
    found: dict[int, Institution] = {one.pk: one for one in same.defer("names_folded", "description")[:MOST_FOUND]}
    for text in filter(None, [application.ror, application.name, application.acronym]):
        for institution in look_up(text, user)[0]:
            found.setdefault(institution.pk, institution)
    return list(found.values())[:MOST_FOUND]


# --- The page of a step


class StepPage(NamedTuple):
    """What a step asks of the officer, and the action that takes it."""

    title: Any
    form: type
    act: Callable[..., MembershipApplication]
    explains: Any


STEP_PAGES = {
    State.CHECKING: StepPage(
        gettext_lazy("Accept into check"),
        AcceptForm,
        actions.accept_application,
        gettext_lazy("The institution becomes a candidate today, which everybody can see. The applicant is told."),
    ),
    State.ASKED: StepPage(
        gettext_lazy("Ask a question"),
        QuestionForm,
        actions.ask_applicant,
        gettext_lazy("The application waits until the applicant answers."),
    ),
    State.CHECKED: StepPage(
        gettext_lazy("The check is done"),
        NoteForm,
        actions.finish_check,
        gettext_lazy("The application is ready for the board. The applicant is told."),
    ),
    State.ENDORSED: StepPage(
        gettext_lazy("Record the endorsement"),
        EndorsementForm,
        actions.endorse_application,
        gettext_lazy("The board has endorsed the application, or will at a meeting to come: it counts from its day."),
    ),
    State.ADMITTED: StepPage(
        gettext_lazy("Record the admission"),
        AdmissionForm,
        actions.admit_application,
        gettext_lazy("From the day of the assembly the institution is a member: in lists, on the map, in all figures."),
    ),
    State.REFUSED: StepPage(
        gettext_lazy("Refuse the application"),
        RefusalForm,
        actions.refuse_application,
        gettext_lazy("The institution is again what it was before. It may apply anew."),
    ),
}
RESUME = StepPage(
    gettext_lazy("Go on with the check"),
    NoteForm,
    actions.resume_check,
    gettext_lazy("An open question needs no answer any more. The applicant is told."),
)


def step_page(application: MembershipApplication, to: str) -> StepPage | None:
    if to == State.CHECKING and application.state in (State.ASKED, State.CHECKED):
        return RESUME
    return STEP_PAGES.get(to)  # type: ignore[call-overload]


def steps_open_to(user, application: MembershipApplication) -> list[Move]:
    """Those that an officer makes; an applicant's own are made on the applicant's page."""
    return [move for move in moves_open_to(user, application) if "decide" in move.by]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(OFFICER, ADMINISTRATOR)
def membership_step(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    application = application_at(request, pk)
    page = step_page(application, state)
    if page is None:
        raise Http404
    table = table_of(application)
    step = table.find(application.state, state)
    if step is None:  # a second click, or another officer was quicker
        message = _("This is done, or no longer to do: the application is “%(state)s”.")
        messages.info(request, message % {"state": application.get_state_display()})
        return redirect(application.desk_url)
    if not table.may(step, request.user, application):
        raise PermissionDenied(
            _("You have a part in this application or its institution: another officer decides on it.")
        )
    form = form_of_step(request, page, application)
    if request.method == "POST" and form.is_valid():
        try:
            page.act(application=application, by=request.user, **values_of_step(form))
        except WrongState as problem:
            messages.info(request, problem.messages[0])
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        else:
            messages.success(request, _("Done: the application is “%(state)s”.") % {"state": State(state).label})
        if not form.errors:
            return redirect(application.desk_url)
    context = {
        "application": application,
        "step": page,
        "form": form,
        "record": record_of(application, request.user),
        "asks_which": isinstance(form, AcceptForm),
        "query": request.GET.get("q", ""),
    }
    return render(request, "members/membership_step.html", context, status=422 if form.is_bound else 200)


def form_of_step(request: HttpRequest, page: StepPage, application: MembershipApplication):
    data = request.POST if request.method == "POST" else None
    if page.form is not AcceptForm:
        return page.form(data)
    if application.institution_id:
        return PlainForm(data)
    alike = look_alikes(application, request.user)
    if words := request.GET.get("q", "").replace("\x00", " ").strip()[:200]:
        known = {one.pk for one in alike}
        alike += [one for one in look_up(words, request.user)[0] if one.pk not in known]
    return AcceptForm(data, alike=alike)


def values_of_step(form) -> dict[str, Any]:
    values = dict(form.cleaned_data)
    if isinstance(form, EndorsementForm):
        return {"meeting": form.chosen_meeting(), "note": values["note"]}
    return values
