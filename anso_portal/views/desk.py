"""The desk: what needs this person today, oldest first, joined from the apps."""

from itertools import chain

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import anso_portal.desk
import centers.desk
import exchanges.desk
import members.desk
import news.desk
import notifications.desk
import projects.desk
import proposals.desk

DESKS = (
    *(members.desk, proposals.desk, projects.desk, exchanges.desk),
    *(centers.desk, news.desk, notifications.desk, anso_portal.desk),
)


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    user = request.user
    context = {
        "items": sorted(chain.from_iterable(app.items(user) for app in DESKS), key=lambda item: item.since),
        "mine": sorted(chain.from_iterable(app.mine(user) for app in DESKS), key=lambda asked: asked.changed_at)[::-1],
        "places": list(chain.from_iterable(app.places(user) for app in DESKS)),
    }
    return render(request, "anso_portal/desk.html", context)
