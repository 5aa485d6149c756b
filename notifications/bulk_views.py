"""The outbox as people see it: mail to many before it goes. For officers."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Min, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER
from notifications import kinds
from notifications.bulk import (
    call_off_event,
    hold_event,
    hold_kind,
    let_kind_go,
    mails_of,
    numbers_of,
    release_event,
    waiting,
    word_event,
)
from notifications.emails import ObsoleteError, write
from notifications.forms import TextForm
from notifications.links import without_keys
from notifications.models import Delivery, Event, HeldKind

officers = role_required(OFFICER, ADMINISTRATOR)
State = Delivery.State


@require_safe
@officers
def outbox(request):
    held = set(HeldKind.objects.visible_to(request.user).values_list("kind", flat=True))
    choices = [
        (area.label, [(kind.name, kind.label) for kind in kinds.in_area(area.name) if can_be_held(kind, held)])
        for area in kinds.areas()
    ]
    context = {
        "waiting": waiting(request.user),
        "held": [kinds.get(name) for name in sorted(held)],
        "choices": choices,
        "bulk": settings.MAIL_BULK,
        "minutes": settings.MAIL_BULK_PAUSE // 60,
    }
    return render(request, "notifications/outbox.html", context)


def can_be_held(kind: kinds.Kind, held: set[str]) -> bool:
    """Somebody waits for the sensitive ones."""
    return not kind.sensitive and kind.name not in held


@require_POST
@officers
def outbox_kind(request):
    name = request.POST.get("kind", "")
    if not kinds.is_known(name) or kinds.get(name).sensitive:
        raise Http404
    if "let_go" in request.POST:
        let_kind_go(kind=kinds.get(name), by=request.user)
        messages.success(request, _("Mail of this kind goes by itself again."))
    else:
        hold_kind(kind=kinds.get(name), by=request.user)
        messages.success(request, _("Mail of this kind waits from now on until an officer releases it."))
    return redirect("notifications:outbox")


@require_http_methods(["GET", "HEAD", "POST"])
@officers
def outbox_event(request, pk: int):
    """One announcement: how its mail reads, how much of it waits, and what can be done with it."""
    event = get_visible_or_404(Event, request.user, pk=pk)
    kind, language = kinds.get(event.kind), get_language() or settings.LANGUAGE_CODE
    words = kind.own_words(event.facts) or (str(kind.subject), str(kind.sentence))
    form = TextForm(
        request.POST if "word" in request.POST else None,
        initial={"subject": words[0], "sentence": words[1]},
        kind=kind,
    )
    if request.method == "POST":
        if "word" not in request.POST:
            return _act(request, event)
        if form.is_valid():
            try:
                word_event(event=event, language=language, by=request.user, **form.cleaned_data)
            except ValidationError as problem:
                form.add_error(None, problem)
            else:
                messages.success(request, _("Saved. This is how it goes out, once it is released."))
                return redirect(request.path)
    open_ones = mails_of(event).filter(state__in=[*Delivery.WAITING, State.HELD])
    is_held = Q(state=State.HELD)
    counted = open_ones.aggregate(
        held=Count("pk", filter=is_held), goes=Count("pk", filter=~is_held), due=Min("next_at", filter=~is_held)
    )
    context = {
        "event": event,
        "kind": kind,
        "form": form,
        "numbers": numbers_of(event),
        **counted,
        "example": _example(open_ones),
    }
    return render(request, "notifications/outbox_event.html", context, status=422 if form.errors else 200)


ACTS = {"hold": hold_event, "release": release_event, "call_off": call_off_event}


def _act(request, event: Event):
    act = next((name for name in ACTS if name in request.POST), None)
    if act is None:
        return redirect(request.path)
    number = ACTS[act](event=event, by=request.user)
    told = {
        "hold": ngettext("%(n)d mail is held.", "%(n)d mails are held.", number),
        "release": ngettext("%(n)d mail goes now.", "%(n)d mails go now.", number),
        "call_off": ngettext("%(n)d mail was called off.", "%(n)d mails were called off.", number),
    }[act]
    messages.success(request, told % {"n": number})
    return redirect(request.path)


def _example(rows) -> dict[str, str] | None:
    """As one of those reads it to whom it has not gone yet."""
    row = rows.select_related("subscriber__user").prefetch_related("notifications__event").order_by("pk").first()
    if row is None or row.sensitive:
        return None
    try:
        content = write(row)
        return {"subject": content["subject"], "body_text": without_keys(content["body_text"])}
    except ObsoleteError:
        return None
