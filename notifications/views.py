import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from notifications import kinds, topics
from notifications.actions import (
    follow_topic,
    mark_all_read,
    mark_read,
    resume_mail_of_kind,
    stop_mail_of_kind,
    unfollow_topic,
)
from notifications.emails import read_stop_token
from notifications.models import Follow, Notification, Preference, Subscriber

PAGE_SIZE = 25
KEY = re.compile("[0-9]{1,18}")
PAGE_NUMBER = re.compile("0*[1-9][0-9]*")


@require_safe
@login_required
def inbox(request):
    """What the reader was told, newest first. Opening a record changes nothing: “read” is a button."""
    told = Notification.objects.visible_to(request.user).of(request.user).for_list()
    page = _page(request, told)
    shown = list(page or [])
    return render(
        request,
        "notifications/inbox.html",
        {
            "page": page,
            "newest": shown[0].pk if shown else None,
            "any_unread": any(item.read_at is None for item in shown),
        },
    )


def _page(request, rows):
    """None behind the last page."""
    text = request.GET.get("page", "").strip() or "1"
    if not PAGE_NUMBER.fullmatch(text):
        raise BadRequest(_("page: “%(value)s” is not the number of a page.") % {"value": text[:50]})
    try:
        return Paginator(rows, PAGE_SIZE).page(int(text.lstrip("0")[:9]))
    except InvalidPage:
        return None


@require_POST
@login_required
def inbox_read(request):
    notification = get_visible_or_404(Notification, request.user, pk=_key(request, "notification"))
    mark_read(notification=notification, by=request.user)
    return _back(request, "notifications:inbox")


@require_POST
@login_required
def inbox_read_all(request):
    mark_all_read(by=request.user, up_to=_key(request, "newest"))
    return _back(request, "notifications:inbox")


@require_safe
@login_required
def preferences(request):
    silenced = Preference.objects.visible_to(request.user).filter(subscriber__user=request.user)
    subscriber = Subscriber.objects.visible_to(request.user).select_related("user").filter(user=request.user).first()
    return render(
        request,
        "notifications/preferences.html",
        {
            "follows": Follow.objects.visible_to(request.user).filter(subscriber__user=request.user),
            "silenced": [(preference.kind, kinds.get(preference.kind).label) for preference in silenced],
            "refused": subscriber is not None and subscriber.is_refused,
        },
    )


@require_POST
@login_required
def mail_resume(request):
    subscriber = Subscriber.objects.visible_to(request.user).filter(user=request.user).first()
    if subscriber:
        resume_mail_of_kind(kind=request.POST.get("kind", ""), subscriber=subscriber)
    return _back(request, "notifications:preferences")


@require_POST
def follow(request):
    """A visitor signs in first and finds the button again on the page."""
    if request.user.is_anonymous:
        return redirect_to_login(_next(request) or resolve_url("notifications:preferences"))
    topic = topics.resolve(request.POST.get("topic", ""))
    if topic is None:
        raise Http404
    follow_topic(topic=topic, by=request.user)
    messages.success(
        request, _("You follow %(topic)s: what is new comes to your inbox and by e-mail.") % {"topic": topic.label}
    )
    return _back(request, "notifications:preferences")


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
        label = kinds.get(kind).label
        active = not Preference.objects.filter(subscriber=subscriber, kind=kind).exists()
    if request.method == "POST":
        if topic:
            unfollow_topic(topic=topic, subscriber=subscriber)
        else:
            stop_mail_of_kind(kind=kind, subscriber=subscriber)
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
