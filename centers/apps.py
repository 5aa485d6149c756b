from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CentersConfig(AppConfig):
    name = "centers"
    verbose_name = _("Centers")

    def ready(self) -> None:
        from centers import emails, merging  # noqa: F401
        from centers.models import Center
        from notifications import topics

        topics.register("center", topics.by_key(Center))
