"""What officers take along of proposals: the PDFs of a call, and the whole dossier of one."""

from tempfile import TemporaryFile
from zipfile import ZipFile

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Subquery
from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import demand, get_visible_or_404
from proposals.actions.archives import Profile, pack_dossier
from proposals.actions.decisions import decidable
from proposals.models import Submission, SubmissionPdf
from proposals.views.calls import editable, officers
from proposals.views.writing import proposals
from toolkit.documents import made_response


@require_safe
@officers
def proposals_zip(request: HttpRequest, slug: str) -> FileResponse:
    """The PDF of each proposal that this officer may see, with what was submitted last."""
    call = editable(request, slug)
    last = Submission.objects.filter(proposal=OuterRef("submission__proposal")).order_by("-version").values("pk")[:1]
    papers = SubmissionPdf.objects.filter(
        submission__proposal__in=decidable(call, request.user).order_by(), submission=Subquery(last)
    ).select_related("submission__proposal__call")
    packed = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    with ZipFile(packed, "w") as archive:
        for paper in papers.order_by("submission__proposal__number"):
            with paper.file.open("rb") as file:
                archive.writestr(f"{paper.submission.proposal.reference}.pdf", file.read())
    return made_response(packed, name=f"{call.slug}.zip", content_type="application/zip")


@require_safe
@login_required
def dossier_zip(request: HttpRequest, pk: int) -> FileResponse:
    """All about one proposal, as far as those may read it to whom the officer gives it."""
    proposal = get_visible_or_404(proposals(), request.user, pk=pk)
    demand(request.user, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    wanted = request.GET.get("profile", Profile.WHOLE.value)
    if wanted not in Profile.values or not proposal.submissions.exists():
        raise Http404
    packed = TemporaryFile()  # noqa: SIM115 (the answer closes it)
    pack_dossier(proposal=proposal, profile=Profile(wanted), by=request.user, into=packed)
    return made_response(packed, name=f"{proposal.reference}-{wanted}.zip", content_type="application/zip")
