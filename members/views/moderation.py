"""An officer sees what was and what is proposed, field by field, and decides on each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import can, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from members.actions.changes import Conflict, decide_changes, token_of_request
from members.actions.names import look_alikes_of
from members.forms.moderation import VerdictForm
from members.models import ChangeRequest, Institution, InstitutionName
from members.views.comparison import compared
from workflow.actions import WrongState


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(OFFICER, ADMINISTRATOR)
def change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    rows = ChangeRequest.objects.select_related("institution", "by").defer("institution__names_folded")
    change = get_visible_or_404(rows.filter(proposed_at__isnull=False), request.user, pk=pk)
    if request.method != "POST":
        return show(request, change, forms_of(change)) if is_waiting(change) else redirect(change)
    forms, token = forms_of(change, request.POST), request.POST.get("token", "")
    verdicts = {pk: form.decided for pk, form in forms.items() if form.is_valid()}
    if is_waiting(change) and can(request.user, "decide", change):
        if token != token_of_request(change, change.institution):
            return show(request, change, forms, status=409)
        if len(verdicts) < len(forms):
            return show(request, change, forms, status=422)
    try:
        decided = decide_changes(request=change, verdicts=verdicts, token=token, by=request.user)
    except Conflict:
        return show(request, change, forms_of(change, request.POST), status=409)
    except WrongState:
        return already_decided(request, change)
    messages.success(request, _("Decided. The person who proposed it is told."))
    return redirect(decided)


def is_waiting(change: ChangeRequest) -> bool:
    return change.state == ChangeRequest.State.PROPOSED


def forms_of(change: ChangeRequest, data=None) -> dict[int, VerdictForm]:
    return {
        item.pk: VerdictForm(data, prefix=f"item-{item.pk}", live=bool(item.live_at)) for item in change.items.all()
    }


def show(request: HttpRequest, change: ChangeRequest, forms: dict[int, VerdictForm], status: int = 200) -> HttpResponse:
    may = can(request.user, "decide", change)
    rows = compared(change, change.items.all())
    context = {
        "institution": change.institution,
        "change": change,
        "alike": look_alikes(change),
        "rows": [(row, forms[row.item.pk]) for row in rows if row.item.pk in forms],
        "problems": [
            (field.id_for_label or field.auto_id, f"{row.label}: {field.label}", text)
            for row in rows
            if status == 422 and row.item.pk in forms
            for field in forms[row.item.pk].visible_fields()
            for text in field.errors
        ],
        "token": token_of_request(change, change.institution),
        "may": may,
        "conflict": status == 409,
    }
    return render(request, "members/moderate.html", context, status=status)


def look_alikes(change: ChangeRequest) -> list[Institution]:
    """Other institutions for which one of the new names may be taken (T34); the officer decides whether that is meant."""
    item = change.items.filter(field="names").first()
    if item is None:
        return []
    known = {name["value"] for name in item.before}
    new = [n["value"] for n in item.after if n["value"] not in known and n["kind"] != InstitutionName.Kind.ACRONYM]
    return look_alikes_of(new, of=change.institution) if new else []


def already_decided(request: HttpRequest, change: ChangeRequest) -> HttpResponse:
    """Somebody was faster: what was decided is shown, and nothing of this form is kept."""
    change.refresh_from_db(fields=["state", "decided_at"])
    context = {
        "institution": change.institution,
        "change": change,
        "rows": compared(change, change.items.select_related("decided_by")),
        "too_late": True,
    }
    return render(request, "members/change.html", context, status=409)
