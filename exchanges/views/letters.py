"""The invitation letter: issued by the host, taken along by those who take part, verified by anybody."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from exchanges.actions.letters import issue_letter, letter_pdf
from exchanges.models import InvitationLetter
from exchanges.views.stays import done, stay_of
from toolkit.dates import iso_day
from toolkit.documents import made_response
from toolkit.documents.proofs import verify


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
    return verify(request, InvitationLetter.objects.all(), code, facts=_facts)


def _facts(letter: InvitationLetter) -> list[tuple[object, str]]:
    first, last, issued = (iso_day(letter.content[name]) for name in ("starts_on", "ends_on", "issued_on"))
    return [(_("Stay"), f"{first} – {last}"), (_("Issued"), issued)]
