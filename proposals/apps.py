from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProposalsConfig(AppConfig):
    name = "proposals"
    verbose_name = _("Calls and proposals")

    def ready(self) -> None:
        from notifications import topics
        from proposals import emails, merging, workflow  # noqa: F401
        from proposals.models import Call

        topics.register("call", topics.by_key(Call))
