"""The people of an institution edit its record: a list of short parts, a page to check, and off to an officer."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, permission
from members.actions.changes import (
    Conflict,
    Version,
    save_part,
    send_changes,
    token_of,
    token_of_request,
    unseen,
    versions_of,
    withdraw_changes,
)
from members.actions.facts import FACTS, goes_live_at_once
from members.forms.facts import PARTS, FactsForm, Part
from members.forms.fields import languages
from members.forms.moderation import SendForm
from members.models import ChangeRequest, Institution
from members.views.comparison import compared, lines, theme_names
from toolkit.differences import compare
from toolkit.documents import picture_response
from toolkit.limits import too_often
from workflow.actions import WrongState

PICTURES_AN_HOUR = 20
SAVES_AN_HOUR = 300


def own_institution(user, slug: str) -> Institution:
    """One for which this person acts; others are not found here, though everybody may see their public page."""
    rows = Institution.objects.filter(permission("propose", Institution)(user)).defer("names_folded")
    return get_visible_or_404(rows, user, slug=slug)


def unfinished_of(institution: Institution, user) -> ChangeRequest | None:
    found = institution.change_requests.unfinished().filter(by=user).first()
    if found:
        found.institution = institution
    return found


@require_safe
@login_required
def institution_edit(request: HttpRequest, slug: str) -> HttpResponse:
    institution = own_institution(request.user, slug)
    mine = unfinished_of(institution, request.user)
    changed = {item.field for item in mine.items.all()} if mine else set()
    others = institution.change_requests.unfinished().exclude(by=request.user).select_related("by").order_by("pk")
    context = {
        "institution": institution,
        "change": mine,
        "parts": [
            (part, bool(changed.intersection(part.facts)), all(map(goes_live_at_once, part.facts)))
            for part in PARTS.values()
        ],
        "changed_total": len(changed),
        "others": others,
    }
    return render(request, "members/edit.html", context)


# --- One part


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def part_edit(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    institution = own_institution(request.user, slug)
    if part not in PARTS:
        raise Http404
    page = PartPage(request, institution, PARTS[part])
    if request.method != "POST":
        return page.show(page.new_form(), token_of(page.versions))
    token = request.POST.get("token", "")
    if "add" in request.POST and page.part.form.row:
        return page.show(page.part.form.with_another_row(request.POST, page.own_values()), token)
    if too_often(f"record-save:{request.user.pk}", limit=SAVES_AN_HOUR, seconds=3600):
        form = page.typed_form()
        form.add_error(None, _("That was very often within the hour. Your text is still here: save it a little later."))
        return page.show(form, token, status=429)
    form = page.typed_form()
    if not form.is_valid():
        return page.show(form, token, status=422)
    return page.save(form, token)


class PartPage:
    """One request for one part: what stands there now, and what the person typed."""

    def __init__(self, request: HttpRequest, institution: Institution, part: Part):
        self.request, self.institution, self.part = request, institution, part
        self.versions = versions_of(institution, part.facts)

    def own_values(self) -> dict[str, Any]:
        """What this person has proposed already, else what the record says."""
        values = {version.field: version.value for version in self.versions if version.item is None}
        own = (v for v in self.versions if v.item is not None and v.item.request.by_id == self.request.user.pk)
        return values | {version.field: version.value for version in own}

    def new_form(self) -> FactsForm:
        return self.part.make_form(self.institution, values=self.own_values())

    def typed_form(self) -> FactsForm:
        return self.part.make_form(self.institution, self.request.POST, self.request.FILES, values=self.own_values())

    def save(self, form: FactsForm, token: str) -> HttpResponse:
        user, values = self.request.user, form.typed()
        picture = values.get("logo")
        if isinstance(picture, ContentFile):
            if too_often(f"record-picture:{user.pk}", limit=PICTURES_AN_HOUR, seconds=3600):
                form.add_error("logo", _("Many pictures came within the hour. Please try again later."))
                return self.show(form, token, status=429)
            values["logo"] = default_storage.save(f"logos/{picture.name}", picture)
        try:
            change = save_part(institution=self.institution, values=values, token=token, by=user)
        except BaseException as problem:
            if isinstance(picture, ContentFile):
                default_storage.delete(values["logo"])
            if isinstance(problem, Conflict):
                return self.show_conflict(form, token)
            raise
        if change and change.state == ChangeRequest.State.PROPOSED:
            messages.success(self.request, _("Saved, and added to what the secretariat looks at."))
            return redirect(change)
        messages.success(self.request, _("Saved. Nobody outside your institution sees it before you send it."))
        return redirect("members:edit", self.institution.slug)

    def show_conflict(self, form: FactsForm, token: str) -> HttpResponse:
        """Both texts: theirs in the note, marked where it differs; the person's own in the form, as typed."""
        typed = form.typed()
        self.versions = versions_of(self.institution, self.part.facts)
        themes = theme_names(self.part.facts)
        theirs = []
        for version in unseen(self.versions, token, typed):
            mine = [] if version.field == "logo" else lines(version.field, typed[version.field], themes)
            left, right = compare(lines(version.field, version.value, themes), mine)
            theirs.append((FACTS[version.field].label, version, left, right))
        return self.show(form, token_of(self.versions), status=409, theirs=theirs)

    def show(self, form: FactsForm, token: str, status: int = 200, theirs=()) -> HttpResponse:
        context = {
            "institution": self.institution,
            "part": self.part,
            "form": form,
            "problems": form.problems() if form.is_bound and not theirs else [],
            "token": token,
            "theirs": theirs,
            "waiting": [] if theirs else self._of_colleagues(),
            "languages": languages(get_language() or "en") if self.part.name in ("names", "description") else [],
            "change": self._own_request(),
            "at_once": all(map(goes_live_at_once, self.part.facts)),
        }
        return render(self.request, "members/part.html", context, status=status)

    def _of_colleagues(self) -> list[Version]:
        return [v for v in self.versions if v.item is not None and v.item.request.by_id != self.request.user.pk]

    def _own_request(self) -> ChangeRequest | None:
        return unfinished_of(self.institution, self.request.user)


# --- Check and send


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def changes_send(request: HttpRequest, slug: str) -> HttpResponse:
    institution = own_institution(request.user, slug)
    change = unfinished_of(institution, request.user)
    if change is None or change.state != ChangeRequest.State.DRAFT:
        messages.info(request, _("There is nothing left to send."))
        return redirect(change or "members:edit", *([] if change else [slug]))
    form = SendForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return show_check(request, change, form)
    if not form.is_valid():
        return show_check(request, change, form, status=422)
    try:
        token = request.POST.get("token", "")
        sent = send_changes(request=change, note=form.cleaned_data["note"], token=token, by=request.user)
    except Conflict:
        return show_check(request, change, form, status=409)
    except WrongState:  # a second click
        return redirect(change)
    except ValidationError as wrong:
        form.add_error(None, wrong)
        return show_check(request, change, form, status=422)
    return redirect(sent)


def show_check(request: HttpRequest, change: ChangeRequest, form: SendForm, status: int = 200) -> HttpResponse:
    context = {
        "institution": change.institution,
        "change": change,
        "form": form,
        "token": token_of_request(change, change.institution),
        "rows": [(row, goes_live_at_once(row.item.field)) for row in compared(change, change.items.all())],
        "parts": {fact: part for part in PARTS.values() for fact in part.facts},
        "conflict": status == 409,
    }
    return render(request, "members/check.html", context, status=status)


@require_POST
@login_required
def changes_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    institution = own_institution(request.user, slug)
    change = unfinished_of(institution, request.user)
    if change:
        withdraw_changes(request=change, by=request.user)
        messages.success(request, _("Withdrawn. The record says what it said before."))
    return redirect("members:edit", institution.slug)


# --- One request, and the pictures


@require_safe
@login_required
def change_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    change = visible_change(request.user, slug, pk)
    items = change.items.select_related("decided_by")
    context = {
        "institution": change.institution,
        "change": change,
        "rows": compared(change, items),
        "is_own": change.by_id == request.user.pk,
    }
    return render(request, "members/change.html", context)


def visible_change(user, slug: str, pk: int) -> ChangeRequest:
    rows = ChangeRequest.objects.select_related("institution", "by").defer("institution__names_folded")
    return get_visible_or_404(rows, user, pk=pk, institution__slug=slug)


@require_safe
@login_required
def change_picture(request: HttpRequest, slug: str, pk: int, side: str) -> HttpResponseBase:
    """The logo before and after, for those who may see the request."""
    change = visible_change(request.user, slug, pk)
    item = change.items.filter(field="logo").first()
    name = getattr(item, side, "") if item else ""
    if not name:
        raise Http404
    return picture_response(default_storage, name, public=False)
