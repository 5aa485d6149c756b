"""The invitation letter: issued by the host, taken along by those who take part, verified by anybody."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchanges.actions.letters import initials, is_genuine, issue_letter, letter_pdf
from exchanges.forms import LetterFileForm
from exchanges.models import InvitationLetter
from exchanges.views.stays import done, stay_of
from toolkit.documents import made_response
from toolkit.limits import too_often
from toolkit.network import client_network


@require_POST
@login_required
def letter_issue(request: HttpRequest, pk: int) -> HttpResponse:
    stay = stay_of(request, pk)
    said = _("The letter is issued, and everybody who takes part is told.")
    return done(request, stay, lambda: issue_letter(stay=stay, by=request.user), said)


@require_safe
@login_required
def letter_download(request: HttpRequest, pk: int) -> FileResponse:
    stay = stay_of(request, pk)
    letter = stay.letters.filter(revoked_at__isnull=True).first()
    if letter is None:
        raise Http404
    return made_response(letter_pdf(letter), name=f"{letter.number}.pdf", content_type="application/pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def letter_verify(request: HttpRequest, code: str) -> HttpResponse:
    """For whoever holds the letter, signed in or not: initials and dates and no more. A file is compared to the last byte."""
    if too_often(f"letter:{client_network(request)}", limit=60, seconds=3600):
        return render(request, "exchanges/letter_wait.html", status=429)
    letter = InvitationLetter.objects.filter(code=code[:64]).first() if "\x00" not in code else None
    if letter is None:
        return render(request, "exchanges/letter_unknown.html", status=404)
    form = LetterFileForm(request.POST, request.FILES) if request.method == "POST" else LetterFileForm()
    verdict = None
    if request.method == "POST" and form.is_valid():
        verdict = is_genuine(letter, form.cleaned_data["file"].read())
    context = {"letter": letter, "initials": initials(letter.content["name"]), "form": form, "verdict": verdict}
    return render(request, "exchanges/letter.html", context, status=422 if form.errors else 200)
