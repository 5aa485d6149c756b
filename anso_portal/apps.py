from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    default = True
    name = "anso_portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from anso_portal import checks, emails, merging, report_emails, search_emails, workflow  # noqa: F401
        from anso_portal.models import SavedSearch
        from notifications import topics
        from vocabularies.models import Country, Theme

        # vocabularies lies below notifications, so what can be followed there is registered from here.
        topics.register("country", topics.by_key(Country))
        topics.register("theme", topics.by_key(Theme))
        topics.register("search", topics.by_key(SavedSearch, "token"))


class PortalAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "anso_portal.admin_site.PortalAdminSite"
