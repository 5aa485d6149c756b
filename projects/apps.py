from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")

    def ready(self) -> None:
        from notifications import topics
        from projects import emails, merging, workflow  # noqa: F401
        from projects.models import Project

        topics.register("project", topics.by_key(Project))
