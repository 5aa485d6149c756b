import re

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from notifications import kinds, topics
from notifications.actions import mark_all_read, mark_read, trust_address
from notifications.emails import DIGEST
from notifications.following import (
    ask_to_confirm,
    choose,
    chosen_by,
    follow_by_address,
    follow_topic,
    forget_address,
    is_stopped,
    renew_calendar,
    resume_mail,
    stop_mail,
    unfollow_topic,
)
from notifications.forms import AddressForm, RhythmsForm
from notifications.links import Wish, calendar_url, mine_path, read_confirm_token, read_mine_token, read_stop_token
from notifications.models import DUTY, Follow, Notification, Preference, Subscriber
from toolkit.limits import too_often
from toolkit.listing import page_of
from toolkit.network import client_network

PAGE_SIZE = 25
TOPICS_SHOWN = 12
KEY = re.compile("[0-9]{1,18}")


@require_safe
@login_required
def inbox(request):
    """What the reader was told, newest first. Opening a record changes nothing: “read” is a button."""
    told = Notification.objects.visible_to(request.user).of(request.user)
    topic, why = _topic(request.GET), list(told.by_topic()[:TOPICS_SHOWN])
    told = (told if topic is None else told.because_of(topic)).for_list()
    page = page_of(request, Paginator(told, PAGE_SIZE))
    shown = list(page or [])
    return render(
        request,
        "notifications/inbox.html",
        {
            "page": page,
            "topic": topic,
            "topics": [(one["topic"] or DUTY, one["last_reason"], one["number"], one["new"]) for one in why],
            "newest": shown[0].pk if shown else None,
            "any_unread": any(item.read_at is None for item in shown),
        },
    )


def _topic(data) -> str | None:
    """Nothing: all of them."""
    return data.get("topic", "").replace("\x00", "")[:100] or None


@require_POST
@login_required
def inbox_read(request):
    notification = get_visible_or_404(Notification, request.user, pk=_key(request, "notification"))
    mark_read(notification=notification, by=request.user)
    return _back(request, "notifications:inbox")


@require_POST
@login_required
def inbox_read_all(request):
    mark_all_read(by=request.user, up_to=_key(request, "newest"), topic=_topic(request.POST))
    return _back(request, "notifications:inbox")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request):
    """What the reader follows, and how each area of events comes: at once, in a digest, or not at all."""
    subscriber = Subscriber.objects.visible_to(request.user).select_related("user").filter(user=request.user).first()
    chosen = chosen_by(subscriber)
    form = RhythmsForm(request.POST if request.method == "POST" else None, subscriber=subscriber, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        (subscriber,) = Subscriber.objects.of_users([request.user])
        choose(subscriber=subscriber, **form.chosen())
        messages.success(request, _("Saved. This is how you hear of things from now on."))
        return redirect("notifications:preferences")
    silenced = [
        (about, kinds.get(about).label)
        for (about, channel), rhythm in chosen.items()
        if rhythm == Preference.Rhythm.OFF and channel == Preference.Channel.EMAIL and kinds.is_known(about)
    ]
    context = {
        "follows": Follow.objects.visible_to(request.user).filter(subscriber__user=request.user),
        "silenced": silenced,
        "refused": subscriber is not None and subscriber.is_refused,
        "form": form,
        "calendar_url": calendar_url(subscriber) if subscriber else "",
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def calendar(request):
    renew_calendar(by=request.user)
    messages.success(request, _("This is the new address of your calendar. An earlier one no longer works."))
    return redirect("notifications:preferences")


@require_POST
@login_required
def address_trust(request):
    subscriber = Subscriber.objects.visible_to(request.user).filter(user=request.user).first()
    if subscriber and trust_address(subscriber=subscriber, by=request.user):
        messages.success(request, _("We write to this address again. If mail comes back once more, we stop again."))
    return redirect("notifications:preferences")


@require_POST
@login_required
def mail_resume(request):
    subscriber = Subscriber.objects.visible_to(request.user).filter(user=request.user).first()
    if subscriber:
        resume_mail(kind=request.POST.get("kind", ""), subscriber=subscriber)
    return _back(request, "notifications:preferences")


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request):
    """With an account at once; without one, after whoever has the mailbox has said so."""
    given = request.POST if request.method == "POST" else request.GET
    topic = topics.resolve(given.get("topic", ""))
    if topic is None:
        raise Http404
    if request.method == "POST" and request.user.is_authenticated:
        follow_topic(topic=topic, by=request.user)
        told = _("You follow %(topic)s: what is new comes to your inbox and by e-mail.")
        messages.success(request, told % {"topic": topic.label})
        return _back(request, "notifications:preferences")
    form = AddressForm(request.POST if request.method == "POST" else None)
    asked = False
    if request.method == "POST" and form.is_valid():
        asked = True  # whether or not a mail is sent: the page tells nothing of who follows what
        address = form.cleaned_data["email"]
        if not too_often(f"follow:{client_network(request)}", limit=20, seconds=3600) and not too_often(
            f"follow:{address}", limit=5, seconds=24 * 3600
        ):
            wish = Wish(address, topic.key, get_language() or settings.LANGUAGE_CODE, settings.TIME_ZONE)
            ask_to_confirm(wish=wish)
    context = {"topic": topic, "form": form, "asked": asked}
    return render(request, "notifications/follow.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """The link in the mail. Looking changes nothing, since programs follow links; the button does."""
    wish = read_confirm_token(token)
    topic = topics.resolve(wish.topic) if wish else None
    if wish is None or topic is None:
        return render(request, "notifications/confirm.html", {"topic": None}, status=404)
    if request.method == "POST":
        subscriber = follow_by_address(wish=wish, topic=topic)
        messages.success(request, _("You follow %(topic)s.") % {"topic": topic.label})
        return HttpResponseRedirect(mine_path(subscriber))
    return render(request, "notifications/confirm.html", {"topic": topic, "address": wish.address})


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request, token):
    """What an address alone follows, and how it is told. The link is the proof, as in each of its mails."""
    subscriber = read_mine_token(token)
    if subscriber is None:
        return render(request, "notifications/confirm.html", {"topic": None}, status=404)
    form = RhythmsForm(
        request.POST if "save" in request.POST else None,
        subscriber=subscriber,
        chosen=chosen_by(subscriber),
        alone=True,
    )
    if request.method == "POST":
        if "forget" in request.POST:
            forget_address(subscriber=subscriber)
            return render(request, "notifications/mine.html", {"gone": True, "address": subscriber.address})
        if stopped := request.POST.get("stop", "").replace("\x00", ""):
            unfollow_topic(topic=stopped, subscriber=subscriber)
        elif form.is_valid():
            choose(subscriber=subscriber, time_zone=form.cleaned_data["time_zone"], **form.chosen())
            messages.success(request, _("Saved. This is how you hear of things from now on."))
        if not form.errors:
            return HttpResponseRedirect(request.path)
    context = {"address": subscriber.address, "follows": subscriber.follows.all(), "form": form}
    return render(request, "notifications/mine.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def unfollow(request):
    follow = get_visible_or_404(
        Follow.objects.filter(subscriber__user=request.user).select_related("subscriber"),
        request.user,
        topic=request.POST.get("topic", "").replace("\x00", ""),
    )
    unfollow_topic(topic=follow.topic, subscriber=follow.subscriber)
    messages.success(request, _("You no longer follow %(topic)s.") % {"topic": follow.label})
    return _back(request, "notifications:preferences")


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the signed token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request, token):
    """The link in a mail. Looking changes nothing, since programs follow links; the button does, without signing in."""
    found = read_stop_token(token)
    if found is None:
        return render(request, "notifications/stop.html", {"state": "unknown"}, status=404)
    subscriber, topic, kind = found
    if topic:
        follow = Follow.objects.filter(subscriber=subscriber, topic=topic).first()
        named = follow or topics.resolve(topic)
        label, active = named.label if named else topic, follow is not None
    else:
        label = _("what you asked to get in one mail") if kind == DIGEST else kinds.get(kind).label
        active = not is_stopped(kind=kind, subscriber=subscriber)
    if request.method == "POST":
        if topic:
            unfollow_topic(topic=topic, subscriber=subscriber)
        else:
            stop_mail(kind=kind, subscriber=subscriber)
        active = False
    return render(
        request,
        "notifications/stop.html",
        {
            "state": "active" if active else "stopped",
            "label": label,
            "topic": topic,
            "address": subscriber.current_address,
        },
    )


def _key(request, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if KEY.fullmatch(text) else None


def _next(request) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else ""


def _back(request, default: str):
    """What somebody sent is an address, and never the name of a view, which redirect() would look for."""
    return HttpResponseRedirect(_next(request) or resolve_url(default))
