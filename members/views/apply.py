"""The public form by which an institution asks to join: look it up, answer, look at the answers, send."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_visible_or_404
from members.actions.applications import apply_without_account, begin_application, key_of
from members.forms.applications import ApplicationForm
from members.models import Affiliation, Institution, MembershipApplication
from members.views.choosing import LONGEST, MOST_FOUND, look_up, lookup
from members.workflow.applications import what_stands
from toolkit.limits import too_often
from toolkit.network import client_network

SENT_AN_HOUR = 5  # from one network
SENT_A_DAY = 3  # to one address


@require_safe
def apply(request: HttpRequest) -> HttpResponse:
    """The first step; the address holds what was looked for, so it can be passed on."""
    looked_up = lookup(request)
    context = {
        **looked_up,
        "most": MOST_FOUND,
        "form_url": reverse("members:apply_form"),
        "new_url": f"{reverse('members:apply_form')}?{urlencode({'name': looked_up['query']})}",
        "drafts": drafts_of(request.user),
    }
    return render(request, "members/apply.html", context)


def drafts_of(user) -> list[MembershipApplication]:
    if user.is_anonymous:
        return []
    drafts = MembershipApplication.objects.filter(applicant=user, state=MembershipApplication.State.DRAFT)
    return list(drafts.for_list().order_by("-changed_at")[:MOST_FOUND])


@require_http_methods(["GET", "HEAD", "POST"])
def apply_form(request: HttpRequest) -> HttpResponse:
    """The answers. With an account they become a draft at the desk; without one they travel in the form itself."""
    institution = chosen_institution(request)
    if institution and (obstacle := what_stands(institution)):
        return _show_obstacle(request, institution, obstacle)
    if request.user.is_authenticated:
        return _form_with_account(request, institution)
    return _form_without_account(request, institution)


def _show_obstacle(request: HttpRequest, institution: Institution, obstacle: str) -> HttpResponse:
    """Instead of the form; above it where somebody has filled it in meanwhile, so that the text is not lost."""
    if request.method != "POST":
        return render(request, "members/apply_stands.html", {"institution": institution, "obstacle": obstacle})
    form = ApplicationForm(request.POST, institution=institution, user=request.user)
    form.add_error(None, obstacle)
    return _show_form(request, form, institution, status=422)


def chosen_institution(request: HttpRequest) -> Institution | None:
    slug = request.POST.get("choose") or request.GET.get("institution", "")
    if not slug:
        return None
    if "\x00" in slug:
        raise Http404
    rows = Institution.objects.with_standing().defer("names_folded", "description")
    return get_visible_or_404(rows, request.user, slug=slug)


def form_address(institution: Institution | None) -> str:
    query = f"?{urlencode({'institution': institution.slug})}" if institution else ""
    return reverse("members:apply_form") + query


# --- With an account


def _form_with_account(request: HttpRequest, institution: Institution | None) -> HttpResponse:
    draft = _draft_of(request, institution)
    if request.method != "POST":
        if draft:
            return redirect("members:application_edit", draft.pk)
        form = ApplicationForm(initial=known_answers(request), institution=institution, user=request.user)
        return _show_form(request, form, institution)
    if "choose" in request.POST:
        form = ApplicationForm(initial=as_typed(request), institution=institution, user=request.user)
        return _show_form(request, form, institution)
    lenient = "later" in request.POST
    form = ApplicationForm(request.POST, instance=draft, institution=institution, user=request.user, lenient=lenient)
    if not form.is_valid():
        return _show_form(request, form, institution, status=422)
    draft = begin_application(
        application=form.save(commit=False), key=key_of(request.user.pk, form.cleaned_data["key"]), by=request.user
    )
    return redirect(reverse("anso_portal:desk") + "#mine" if lenient else draft)


def _draft_of(request: HttpRequest, institution: Institution | None) -> MembershipApplication | None:
    """One is enough for an institution; one that is new here is known by the key of its form."""
    drafts = MembershipApplication.objects.filter(
        applicant=request.user, state=MembershipApplication.State.DRAFT, institution=institution
    )
    if not institution:
        drafts = drafts.filter(submission_key=key_of(request.user.pk, request.POST.get("key", "")))
    return drafts.first()


def known_answers(request: HttpRequest) -> dict[str, Any]:
    """What the portal knows already is not asked again."""
    known: dict[str, Any] = {"name": request.GET.get("name", "").replace("\x00", "")[:LONGEST]}
    user = request.user
    if user.is_authenticated:
        affiliations = Affiliation.objects.filter(person__user=user, ends_on=None).exclude(position="")
        known["contact_name"] = user.name
        known["contact_position"] = affiliations.values_list("position", flat=True).first() or ""
    return known


# --- Without an account


def _form_without_account(request: HttpRequest, institution: Institution | None) -> HttpResponse:
    if request.method != "POST":
        form = ApplicationForm(initial=known_answers(request), institution=institution, user=request.user)
        return _show_form(request, form, institution)
    if "change" in request.POST or "choose" in request.POST:
        # Back from the answers: nothing is judged, nothing is lost.
        form = ApplicationForm(initial=as_typed(request), institution=institution, user=request.user)
        return _show_form(request, form, institution)
    form = ApplicationForm(request.POST, institution=institution, user=request.user)
    if not form.is_valid():
        return _show_form(request, form, institution, status=422)
    if "send" not in request.POST:
        return _show_answers(request, form, institution)
    return _send_without_account(request, form, institution)


def as_typed(request: HttpRequest) -> dict[str, Any]:
    return {name: request.POST[name] for name in ApplicationForm.base_fields if name in request.POST}


def _send_without_account(request: HttpRequest, form: ApplicationForm, institution) -> HttpResponse:
    if form.cleaned_data["homepage"]:
        return redirect("members:apply_sent")  # a program; it may think that it was heard
    if refusal := _too_many(request, form):
        form.add_error(None, refusal)
        return _show_answers(request, form, institution, status=429)
    apply_without_account(
        application=form.save(commit=False), key=key_of(form.cleaned_data["key"] or uuid.uuid4(), *form.answers())
    )
    return redirect("members:apply_sent")


def _too_many(request: HttpRequest, form: ApplicationForm) -> str:
    if too_often(f"apply:{client_network(request)}", limit=SENT_AN_HOUR, seconds=3600):
        return _("Many applications came from your network within the hour. Please try again later.")
    address = form.cleaned_data["contact_email"].casefold()
    if too_often(f"apply-to:{address}", limit=SENT_A_DAY, seconds=86_400):
        return _(
            "Several mails went to this address today. Please open the link in one of them, or try again tomorrow."
        )
    return ""


@require_safe
def apply_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "members/apply_sent.html")


# --- Pages


def _show_form(request: HttpRequest, form: ApplicationForm, institution, status: int = 200) -> HttpResponse:
    context = {"form": form, "institution": institution, "action": form_address(institution)}
    return render(request, "members/apply_form.html", context, status=status)


def _show_answers(request: HttpRequest, form: ApplicationForm, institution, status: int = 200) -> HttpResponse:
    alike = []
    if not institution:
        found, close = look_up(form.cleaned_data["name"], request.user)
        alike = [] if close else found[:5]
    context = {
        "form": form,
        "institution": institution,
        "action": form_address(institution),
        "sections": shown_answers(form),
        "alike": alike,
    }
    return render(request, "members/apply_check.html", context, status=status)


def shown_answers(form: ApplicationForm) -> list[tuple[str, list[tuple[Any, str]]]]:
    """(heading, [(field, answer in words)]) of a form that holds valid answers."""
    return [
        (heading, [(field, in_words(field, form)) for field in fields])
        for heading, _line, fields in form.sections()
        if fields[0].name != "consents"
    ]


def in_words(field, form: ApplicationForm) -> str:
    value = form.cleaned_data.get(field.name) if form.is_bound else field.value()
    choices = dict(getattr(field.field, "choices", ()))
    key = getattr(value, "pk", value)
    return str(choices.get(key, value or "")) if key else ""
