"""“Follow this search”: from a list to the news of what it finds."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anso_portal.searches import read_search, save_search
from notifications.following import follow_topic
from notifications.topics import resolve
from toolkit.limits import too_often
from toolkit.network import client_network

SAVED_AN_HOUR = 30


@require_http_methods(["GET", "HEAD", "POST"])
def follow_search(request: HttpRequest, listing: str) -> HttpResponse:
    """The query is that of the list. With an account it is followed at once; without one, an address is asked for next."""
    wanted = read_search(listing, request.GET)
    if wanted is None:
        raise Http404
    if "follow" not in request.POST:  # the button, so that a program that only knocks leaves nothing behind
        return render(request, "anso_portal/search_follow.html", {"wanted": wanted})
    if too_often(f"search:{client_network(request)}", limit=SAVED_AN_HOUR, seconds=3600):
        return render(request, "anso_portal/search_follow.html", {"wanted": wanted, "too_many": True}, status=429)
    search = save_search(wanted=wanted)
    topic = resolve(search.topic)
    assert topic
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('notifications:follow')}?{urlencode({'topic': topic.key})}")
    follow_topic(topic=topic, by=request.user)
    messages.success(
        request, _("You follow %(topic)s: what is new, changed or gone comes to you.") % {"topic": topic.label}
    )
    return HttpResponseRedirect(reverse("notifications:preferences"))
