from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.access import get_visible_or_404, role_required
from accounts.history.pages import record_history
from accounts.history.reading import Part
from accounts.permissions import ADMINISTRATOR, OFFICER
from projects.models import Output, Participation, Project, ProjectSite

PARTS = (Part(Participation, "project"), Part(ProjectSite, "project"), Part(Output, "project"))


@require_safe
@role_required(OFFICER, ADMINISTRATOR)
def project_history(request: HttpRequest, slug: str) -> HttpResponseBase:
    project = get_visible_or_404(Project.objects.only("slug", "title"), request.user, slug=slug)
    return record_history(request, project, PARTS, name=project.title, back=project.get_absolute_url())
