"""The parts of a proposal, each on a page of its own: two people at once never overwrite each other in silence."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_visible_or_404
from proposals.actions.content import BASICS, answers_of, files_of, version_of
from proposals.actions.drafts import save_answers, save_basics
from proposals.actions.files import keep_file, take_out_file
from proposals.forms.proposals import AnswersForm, BasicsForm
from proposals.forms.tables import TableField
from proposals.models import CallPart, Proposal, ProposalFile
from proposals.views.writing import not_open, saved, sent_version, writable
from toolkit.documents import document_response
from toolkit.documents.uploads import KINDS
from toolkit.saving import ChangedMeanwhile
from workflow.actions import WrongState


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def basics_edit(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    if request.method != "POST":
        return show_part(request, proposal, BasicsForm(instance=proposal), _("Title, summary, dates"), BASICS)
    form = BasicsForm(request.POST, instance=Proposal.objects.get(pk=pk))
    if saves_itself(request):
        return saved_by_itself(
            request,
            proposal,
            form,
            BASICS,
            lambda version: save_basics(proposal=proposal, values=form.cleaned_data, version=version, by=request.user),
        )
    if not form.is_valid():
        return show_part(
            request, proposal, form, _("Title, summary, dates"), BASICS, version=sent_version(request), status=422
        )
    try:
        save_basics(proposal=proposal, values=form.cleaned_data, version=sent_version(request), by=request.user)
    except ChangedMeanwhile:
        now = BasicsForm(instance=Proposal.objects.get(pk=pk))
        return show_part(request, proposal, form, _("Title, summary, dates"), BASICS, now=now, status=409)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    return saved(request, proposal)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def part_edit(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    proposal = writable(request, pk)
    if not proposal.is_open:
        return not_open(request, proposal)
    page = get_visible_or_404(
        CallPart.objects.prefetch_related("questions"), request.user, pk=part, call=proposal.call_id
    )
    known = {"part": page, "answers": answers_of(proposal), "files": files_of(proposal)}
    shown: dict[str, Any] = {"hint": page.hint}
    if request.method != "POST":
        return show_part(request, proposal, AnswersForm(**known), page.title, str(part), **shown)
    form = AnswersForm(request.POST, request.FILES, **known)
    if saves_itself(request):
        return saved_by_itself(
            request,
            proposal,
            form,
            str(part),
            lambda version: save_answers(
                proposal=proposal, part=part, texts=form.texts(), version=version, by=request.user
            ),
        )
    form.full_clean()
    keep_files(request, proposal, form)
    if not form.is_valid():
        form = with_files_that_came(form, proposal)
        return show_part(
            request, proposal, form, page.title, str(part), version=sent_version(request), status=422, **shown
        )
    try:
        save_answers(proposal=proposal, part=part, texts=form.texts(), version=sent_version(request), by=request.user)
    except ChangedMeanwhile:
        form = with_files_that_came(form, proposal)
        now = AnswersForm(part=page, answers=answers_of(proposal), files=files_of(proposal))
        return show_part(request, proposal, form, page.title, str(part), now=now, status=409, **shown)
    except WrongState as problem:
        return not_open(request, proposal, problem)
    return saved(request, proposal)


# --- While somebody types (portal.js)


def saves_itself(request: HttpRequest) -> bool:
    return request.headers.get("X-Saves-Itself") == "1"


def saved_by_itself(
    request: HttpRequest, proposal: Proposal, form, part: str, save: Callable[[str], Any]
) -> JsonResponse:
    """What is right is kept, and what is not is named; the button says all of it beside the fields."""
    if form.non_field_errors():
        return JsonResponse({"problem": " ".join(form.non_field_errors())}, status=422)
    try:
        save(sent_version(request))
    except ChangedMeanwhile:
        return JsonResponse(
            {"problem": _("Somebody has saved this part meanwhile. Press Save to see both.")}, status=409
        )
    except WrongState as problem:
        return JsonResponse({"problem": " ".join(problem.messages)}, status=409)
    proposal.refresh_from_db()
    wrong = [str(form.fields[name].label) for name in form.errors]
    return JsonResponse(
        {
            "version": version_of(proposal, part),
            "revision": proposal.revision,
            "problem": _("Not saved yet: %(fields)s") % {"fields": ", ".join(wrong)} if wrong else "",
        }
    )


# --- Files


def keep_files(request: HttpRequest, proposal: Proposal, form: AnswersForm) -> None:
    """At once, whatever else is wrong: a browser does not send a file again by itself."""
    try:
        for question, cleaned in form.sent_files().items():
            keep_file(proposal=proposal, question=question, cleaned=cleaned, by=request.user)
        for question in form.files_taken_out():
            take_out_file(proposal=proposal, question=question, by=request.user)
    except WrongState:
        return  # The texts are refused with the same words.
    except ValidationError as problem:
        form.add_error(f"q{question.pk}", problem)


def with_files_that_came(form: AnswersForm, proposal: Proposal) -> AnswersForm:
    """The same texts and errors, with the files that are kept by now."""
    files = files_of(proposal)
    for question in form.questions:
        if question.kind == question.Kind.FILE:
            form.show_file(question, files.get(question.pk))
    return form


@require_safe
@login_required
def file_download(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """Applicants, officers and reviewers come by the same address; who may is the rule's (T11)."""
    files = ProposalFile.objects.select_related("proposal__call")
    file = get_visible_or_404(files, request.user, proposal=pk, number=number)
    return document_response(file.file, name=file.name, content_type=KINDS[file.extension].content_type)


def show_part(
    request: HttpRequest, proposal: Proposal, form, title: str, part: str, *, version="", now=None, status=200, hint=""
) -> HttpResponse:
    """`now` is the form as somebody else has saved it meanwhile: both are shown, and what was typed stays in the fields."""
    context = {
        "proposal": proposal,
        "form": form,
        "heading": title,
        "hint": hint,
        "version": version or version_of(proposal, part),
        "now": [(field.label, shown(field)) for field in now] if now else [],
    }
    return render(request, "proposals/part.html", context, status=status)


def shown(field) -> str:
    value = field.value()
    if isinstance(field.field, TableField):
        return "\n".join(" · ".join(row) for row in json.loads(value or "[]"))
    choices = dict(getattr(field.field, "choices", []))
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    return "" if value is None else str(choices.get(value, value))
