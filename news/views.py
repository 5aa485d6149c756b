"""Pages of news: read by everybody, written by institutions, published by officers."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import can, get_visible_or_404
from accounts.permissions import is_secretariat
from members.models import Institution
from members.permissions import acting_for
from news.actions import begin_news, publish_news, return_news, save_news, submit_news, take_back
from news.forms import AnswerForm, BeginForm, NewsForm
from news.models import NewsItem
from toolkit.clock import database_today
from toolkit.listing import page_of
from toolkit.markdown import html_of
from workflow.actions import moves_open_to

PAGE_SIZE = 25
SHOWN = 100


@require_safe
def news_list(request):
    """What is current, newest first."""
    rows = NewsItem.objects.visible_to(request.user).current().for_rows()
    return render(request, "news/news_list.html", {"page": page_of(request, Paginator(rows, PAGE_SIZE))})


@require_safe
def news_detail(request, slug: str):
    item = get_visible_or_404(NewsItem.objects.select_related("institution"), request.user, slug=slug)
    published = item.state == NewsItem.State.PUBLISHED
    context = {
        "item": item,
        "text": html_of(item.text),
        "themes": item.themes.all(),
        "countries": list(item.countries.values_list("pk", flat=True)),
        "is_published": published,
        "is_over": published and item.expires_on < database_today(),
        "may_write": request.user.is_authenticated and can(request.user, "write", item),
    }
    return render(request, "news/news_detail.html", context)


@require_safe
@login_required
def news_desk(request):
    """What the own institutions tell, and what waits; people of none find where news is read."""
    user, office = request.user, is_secretariat(request.user)
    rows = NewsItem.objects.visible_to(user).for_rows()
    context = {
        "own": rows.filter(institution__in=acting_for(user)).order_by("-pk")[:SHOWN],
        "waiting": rows.waiting().order_by("submitted_at") if office else [],
        "may_write": bool(acting_for(user)),
    }
    return render(request, "news/news_desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def news_begin(request):
    institutions = Institution.objects.filter(pk__in=acting_for(request.user)).order_by("sort_key")
    if not institutions:
        raise Http404
    form = BeginForm(request.POST if request.method == "POST" else None, institutions=institutions)
    if request.method == "POST" and form.is_valid():
        return redirect(begin_news(by=request.user, **form.cleaned_data).desk_url)
    context = {"form": form, "title": _("Tell something")}
    return render(request, "news/news_edit.html", context, status=422 if form.errors else 200)


def _item(request, slug: str) -> NewsItem:
    """Of the own institution, or any for an officer; others find its public page."""
    item = get_visible_or_404(NewsItem.objects.select_related("institution", "by"), request.user, slug=slug)
    if not (can(request.user, "write", item) or can(request.user, "edit", item)):
        raise PermissionDenied(_("The people of the institution, and officers, can do this."))
    return item


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def news_edit(request, slug: str):
    item = _item(request, slug)
    form = NewsForm(request.POST if request.method == "POST" else None, instance=item)
    if request.method == "POST" and form.is_valid():
        try:
            save_news(form=form, by=request.user)
            if "submit" in request.POST:
                submit_news(item=item, by=request.user)
                messages.success(request, _("An officer reads it, and you are told what becomes of it."))
            elif "publish" in request.POST:
                publish_news(item=item, by=request.user)
                messages.success(request, _("It is published, and told to those whom it is for."))
            else:
                messages.success(request, _("Saved."))
            return redirect(item.desk_url)
        except ValidationError as problem:
            form.add_error(None, problem)
            item.refresh_from_db(fields=["state"])
    is_draft = item.state == NewsItem.State.DRAFT
    writes = can(request.user, "write" if is_draft else "edit", item) and not item.published_at
    context = {
        "item": item,
        "form": form if writes else None,
        "text": html_of(item.text),
        "targets": {move.target for move in moves_open_to(request.user, item)},
        "answering": AnswerForm()
        if can(request.user, "edit", item) and not is_draft and not item.published_at
        else None,
    }
    return render(request, "news/news_edit.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def news_take_back(request, slug: str):
    return _act(
        request, _item(request, slug), lambda item: take_back(item=item, by=request.user), _("It is taken back.")
    )


@require_POST
@login_required
def news_return(request, slug: str):
    item, form = _item(request, slug), AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what should be changed."))
        return redirect(item.desk_url)
    answer = form.cleaned_data["answer"]
    return _act(
        request,
        item,
        lambda item: return_news(item=item, answer=answer, by=request.user),
        _("It is returned, with your words."),
    )


def _act(request, item: NewsItem, act: Callable[[NewsItem], object], said: str):
    try:
        act(item)
        messages.success(request, said)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    return redirect(item.desk_url)
