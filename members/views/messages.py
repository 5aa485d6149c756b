"""Messages between people: writing, reading, answering, stopping, reporting; and for officers, what was reported."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, demand, get_visible_or_404, role_required
from accounts.permissions import ADMINISTRATOR, OFFICER, is_secretariat
from members.actions.messages import (
    RECIPIENT_ONLY,
    answer_message,
    block_sender,
    demand_answer,
    demand_contact,
    handle_report,
    lift_block,
    report_message,
    send_message,
    settle_message,
)
from members.forms.messages import AnswerForm, MessageForm, ReportForm
from members.models import Affiliation, Message, MessageBlock, Person
from members.models.message import KEPT_FOR
from toolkit.limits import too_often
from toolkit.listing import page_of

HOUR, DAY = 3600, 86_400
AN_HOUR, A_DAY = 5, 20  # messages of one person that begin something
ANSWERS_AN_HOUR = 30
A_DAY_FROM_ONE_INSTITUTION = 10  # to one person
PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def person_contact(request: HttpRequest, slug: str) -> HttpResponse:
    user = request.user
    person = get_visible_or_404(Person.objects.select_related("user").defer("names_folded"), user, slug=slug)
    demand_contact(person=person, by=user)
    form = MessageForm(request.POST if request.method == "POST" else None, user=user)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if is_sent(user, form.cleaned_data["token"]) or not writes_too_often(user, person):
                message = send_message(to=person, by=user, **form.cleaned_data)
                messages.success(
                    request,
                    _("Your message is on its way. What %(name)s answers comes to your inbox and by mail.")
                    % {"name": person.name},
                )
                return redirect(message)
            form.add_error(None, too_many())
            status = 429
    context = {"person": person, "form": form, "days": KEPT_FOR.days}
    return render(request, "members/person_contact.html", context, status=status)


def is_sent(user, token: uuid.UUID) -> bool:
    return Message.objects.filter(sender=user, token=token).exists()


def writes_too_often(user, person: Person) -> bool:
    """Counts this message for its sender, and for the sender's institutions with this recipient."""
    own = Affiliation.objects.current().filter(person__user=user).values_list("institution", flat=True)
    counts = [too_often(f"message:{user.pk}:hour", limit=AN_HOUR, seconds=HOUR)]
    counts.append(too_often(f"message:{user.pk}:day", limit=A_DAY, seconds=DAY))
    for institution in set(own):
        key = f"message:institution:{institution}:to:{person.pk}"
        counts.append(too_often(key, limit=A_DAY_FROM_ONE_INSTITUTION, seconds=DAY))
    return any(counts)


def too_many() -> str:
    return _("These are many messages in a short time. Your text is kept below: send it later.")


@require_safe
@login_required
def message_list(request: HttpRequest) -> HttpResponse:
    """Received and sent, newest first."""
    user = request.user
    own = Message.objects.visible_to(user).filter(Q(sender=user) | Q(recipient=user, withheld=False))
    page = page_of(request, Paginator(own.with_people().defer("text"), PAGE_SIZE))
    blocks = MessageBlock.objects.visible_to(user).filter(blocker=user).select_related("blocked__person")
    context = {"page": page, "blocks": blocks, "days": KEPT_FOR.days, "is_officer": is_secretariat(user)}
    return render(request, "members/message_list.html", context)


@require_safe
@login_required
def message_detail(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return show_message(request, message_or_404(request.user, key))


def message_or_404(user, key: uuid.UUID) -> Message:
    return get_visible_or_404(Message.objects.with_people().select_related("reply_to"), user, key=key)


def show_message(
    request: HttpRequest, message: Message, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    user = request.user
    other = message.sender if message.recipient_id == user.pk else message.recipient
    before = message.reply_to
    context: dict[str, Any] = {
        "message": message,
        "is_received": message.recipient_id == user.pk,
        "is_own": user.pk in (message.sender_id, message.recipient_id),
        "other": getattr(other, "person", None),
        "before": before if before and can(user, "view", before) else None,
        "replies": message.replies.visible_to(user).order_by("pk").only("key", "sent_at", "reply_to"),
        "can_handle": can(user, "handle", message),
        "days": KEPT_FOR.days,
    }
    if context["is_received"]:
        may = can(user, "answer", message)
        context["form"] = (form or AnswerForm(user=user)) if may else None
        context["is_blocked"] = MessageBlock.objects.filter(blocker=user, blocked=message.sender).exists()
    return render(request, "members/message_detail.html", context, status=status)


@require_POST
@login_required
def message_answer(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    user, message = request.user, message_or_404(request.user, key)
    form = AnswerForm(request.POST, user=user)
    if not form.is_valid():
        demand_answer(message=message, by=user)
        return show_message(request, message, form, status=422)
    if not is_sent(user, form.cleaned_data["token"]) and too_often(
        f"answer:{user.pk}", limit=ANSWERS_AN_HOUR, seconds=HOUR
    ):
        form.add_error(None, too_many())
        return show_message(request, message, form, status=429)
    answer = answer_message(message=message, by=user, **form.cleaned_data)
    messages.success(request, _("Your answer is on its way."))
    return redirect(answer)


@require_POST
@login_required
def message_settle(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    settle_message(message=message_or_404(request.user, key), by=request.user)
    return redirect("members:messages")


@require_POST
@login_required
def message_block(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    message = message_or_404(request.user, key)
    block_sender(message=message, by=request.user)
    messages.success(
        request, _("Nothing more from %(name)s reaches you. They are not told.") % {"name": message.sender_name}
    )
    return redirect("members:messages")


@require_POST
@login_required
def block_lift(request: HttpRequest, pk: int) -> HttpResponse:
    block = get_visible_or_404(MessageBlock.objects.select_related("blocked__person"), request.user, pk=pk)
    lift_block(block=block, by=request.user)
    messages.success(request, _("%(name)s can write again.") % {"name": block.blocked_name})
    return redirect("members:messages" if block.blocker_id else "members:messages_reported")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def message_report(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    message = message_or_404(request.user, key)
    demand(request.user, "receive", message, str(RECIPIENT_ONLY))
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        report_message(message=message, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("The secretariat sees this message now, and no other, and decides what to do."))
        return redirect(message)
    context = {"message": message, "form": form}
    return render(request, "members/message_report.html", context, status=422 if form.errors else 200)


# --- For officers


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def message_reports(request: HttpRequest) -> HttpResponse:
    """What was reported and waits, the oldest first; and whose messages the secretariat has stopped."""
    user = request.user
    waiting = Message.objects.visible_to(user).reported().order_by("reported_at").with_people().defer("text")
    stopped = MessageBlock.objects.visible_to(user).filter(blocker=None).select_related("blocked__person")
    context = {"page": page_of(request, Paginator(waiting, PAGE_SIZE)), "stopped": stopped}
    return render(request, "members/message_reports.html", context)


@require_POST
@login_required
def message_handle(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    message = message_or_404(request.user, key)
    stop = request.POST.get("outcome") == "stop"
    if not handle_report(message=message, stop_sender=stop, by=request.user):
        messages.info(request, _("This report is closed already."))
    elif stop:
        messages.success(request, _("The report is closed, and its sender writes to nobody any more."))
    else:
        messages.success(request, _("The report is closed."))
    return redirect("members:messages_reported")
