"""The certificate of a training: taken along by its person and the hosts, verified by anybody who holds it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_visible_or_404
from centers.actions.certificates import certificate_pdf, revoke_certificate
from centers.actions.courses import demand_host
from centers.models import Certificate
from toolkit.dates import iso_day
from toolkit.documents import made_response
from toolkit.documents.proofs import verify


@require_safe
@login_required
def certificate_download(request: HttpRequest, pk: int) -> FileResponse:
    certificate = get_visible_or_404(Certificate, request.user, pk=pk)
    pdf = certificate_pdf(certificate)
    return made_response(pdf, name=f"{certificate.number}.pdf", content_type="application/pdf")


@require_POST
@login_required
def certificate_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    certificate = get_visible_or_404(Certificate.objects.select_related("participant__session"), request.user, pk=pk)
    session = certificate.participant.session
    demand_host(request.user, session)
    revoke_certificate(certificate=certificate, by=request.user)
    messages.success(request, _("%(number)s is not in force any more.") % {"number": certificate.number})
    return redirect("centers:session_desk", session.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def certificate_verify(request: HttpRequest, code: str) -> HttpResponse:
    return verify(request, Certificate.objects.all(), code, facts=_facts)


def _facts(certificate: Certificate) -> list[tuple[object, str]]:
    content = certificate.content
    return [
        (_("Training"), content["course"]),
        (_("Center"), content["center"]),
        (_("Days"), f"{iso_day(content['starts_on'])} – {iso_day(content['ends_on'])}"),
        (_("Issued"), iso_day(content["issued_on"])),
        (_("Valid until"), iso_day(content["valid_until"]) or _("without end")),
    ]
