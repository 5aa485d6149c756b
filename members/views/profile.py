"""The own profile at the desk: writing it, seeing it as others would, showing or hiding it, and where one works."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from members.actions.changes import Conflict
from members.actions.profiles import (
    hide_profile,
    publish_profile,
    remove_affiliation,
    save_affiliation,
    save_profile,
    take_messages,
    version_of,
    version_of_affiliation,
)
from members.forms.profile import AffiliationForm, ProfileForm, initial_of
from members.models import Affiliation, Institution, Person
from members.search import matching
from members.views.people import page_of

INSTITUTIONS_SHOWN = 10
LONGEST_SEARCH = 200


def own_profile(user) -> Person | None:
    return Person.objects.visible_to(user).filter(user=user).first()


def own_profile_or_404(user) -> Person:
    person = own_profile(user)
    if person is None:
        raise Http404
    return person


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile_edit(request: HttpRequest) -> HttpResponse:
    person = own_profile(request.user)
    form = ProfileForm(request.POST if request.method == "POST" else None, person=person, user=request.user)
    if request.method != "POST":
        return show_profile(request, person, form)
    if not form.is_valid():
        return show_profile(request, person, form, version=request.POST.get("version", ""), status=422)
    try:
        save_profile(by=request.user, values=form.cleaned_data, version=request.POST.get("version", ""))
    except Conflict:
        return show_profile(request, person, form, others=differences(form, person, request.user), status=409)
    except ValidationError as problem:
        form.add_error(None, problem)
        return show_profile(request, person, form, version=request.POST.get("version", ""), status=422)
    messages.success(request, _("Your profile is saved."))
    return redirect("members:profile")


def show_profile(
    request: HttpRequest, person: Person | None, form: ProfileForm, *, version: str | None = None, others=(), status=200
) -> HttpResponse:
    affiliations = person.affiliations.select_related("institution").with_end() if person else ()
    context = {
        "person": person,
        "form": form,
        "version": version_of(person) if version is None else version,
        "affiliations": affiliations,
        "others": others,
    }
    return render(request, "members/profile_edit.html", context, status=status)


def differences(form: ProfileForm, person: Person | None, user) -> list[tuple[str, str]]:
    """(label, what the profile says now) of each field that says something else than what was typed."""
    now = {**initial_of(person, user), "translations": person.other_names if person else {}}
    found = []
    for name, value in now.items():
        typed = form.cleaned_data.get(name)
        if name == "themes":
            typed, value = sorted(theme.pk for theme in typed), sorted(value)
        if (typed or None) != (value or None):
            label = form.fields[name].label if name in form.fields else _("Names in other languages")
            found.append((str(label), in_words(form, name, value)))
    return found


def in_words(form: ProfileForm, name: str, value: Any) -> str:
    if name == "translations":
        return ", ".join(value.values())
    if name in ("themes", "languages"):
        labels = dict(form.fields[name].choices)
        return ", ".join(str(labels.get(key, key)) for key in value)
    return "\n".join(value) if isinstance(value, list) else value or ""


@require_safe
@login_required
def profile_preview(request: HttpRequest) -> HttpResponse:
    """As others see it, or would see it."""
    person = own_profile_or_404(request.user)
    context = {**page_of(person, request.user), "is_preview": True}
    return render(request, "members/person_detail.html", context)


@require_POST
@login_required
def profile_show(request: HttpRequest) -> HttpResponse:
    person = own_profile_or_404(request.user)
    try:
        publish_profile(person=person, by=request.user)
    except ValidationError as problem:
        messages.error(request, " ".join(problem.messages))
    else:
        messages.success(request, _("Your profile is public. Anybody can find and read it from now on."))
    return redirect("members:profile")


@require_POST
@login_required
def profile_hide(request: HttpRequest) -> HttpResponse:
    hide_profile(person=own_profile_or_404(request.user), by=request.user)
    messages.success(request, _("Your profile is no longer public. Only you and the secretariat see it."))
    return redirect("members:profile")


@require_POST
@login_required
def profile_messages(request: HttpRequest) -> HttpResponse:
    takes = request.POST.get("takes") == "yes"
    take_messages(person=own_profile_or_404(request.user), takes=takes, by=request.user)
    if takes:
        messages.success(request, _("Others can write to you through the portal while your profile is public."))
    else:
        messages.success(
            request, _("Nobody can begin to write to you any more. Who has a message of yours can still answer it.")
        )
    return redirect("members:profile")


# --- Where they work


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def affiliation_add(request: HttpRequest) -> HttpResponse:
    """First the institution, from the registry alone; then since when and as what."""
    person = own_profile_or_404(request.user)
    slug = request.GET.get("institution", "").replace("\x00", "")
    if not slug:
        return choose_institution(request)
    institution = get_visible_or_404(Institution.objects.defer("names_folded"), request.user, slug=slug)
    own = Affiliation(person=person, institution=institution)
    form = AffiliationForm(request.POST if request.method == "POST" else None, own=own)
    return save_or_show(request, form, _("The affiliation is added."))


def choose_institution(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return redirect("members:affiliation_add")
    words = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST_SEARCH]
    found = matching(words, request.user) if words else None
    rows = found.rows.active().order_by("-rank", "sort_key", "pk").defer("names_folded") if found else ()
    context = {"query": words, "institutions": list(rows[:INSTITUTIONS_SHOWN]) if found else (), "found": found}
    return render(request, "members/affiliation_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def affiliation_edit(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_affiliation_or_404(request.user, pk)
    form = AffiliationForm(request.POST if request.method == "POST" else None, own=own)
    return save_or_show(request, form, _("The affiliation is saved."))


def save_or_show(request: HttpRequest, form: AffiliationForm, done: str) -> HttpResponse:
    own = form.own
    version, now, status = version_of_affiliation(own), None, 200
    if request.method == "POST":
        version, status = request.POST.get("version", ""), 422
        if form.is_valid():
            try:
                save_affiliation(affiliation=form.filled(), version=version, by=request.user)
                messages.success(request, done)
                return redirect("members:profile")
            except Conflict:
                now, status = Affiliation.objects.with_end().select_related("institution").get(pk=own.pk), 409
                version = version_of_affiliation(now)
            except ValidationError as problem:
                form.add_error(None, problem)
    context = {"form": form, "own": own, "version": version, "now": now}
    return render(request, "members/affiliation_edit.html", context, status=status)


@require_POST
@login_required
def affiliation_remove(request: HttpRequest, pk: int) -> HttpResponse:
    own = own_affiliation_or_404(request.user, pk)
    remove_affiliation(affiliation=own, by=request.user)
    messages.success(request, _("The affiliation is removed."))
    return redirect("members:profile")


def own_affiliation_or_404(user, pk: int) -> Affiliation:
    rows = Affiliation.objects.filter(person__user=user).select_related("institution", "person")
    return get_visible_or_404(rows, user, pk=pk)
