from functools import update_wrapper

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.access import refusal
from accounts.permissions import ADMINISTRATOR, OFFICER, is_secretariat

# As the work goes: what is looked up most comes first. What is not named here comes last.
ORDER = [
    *["members.institution", "members.membership", "members.person", "members.institutionrole", "members.meeting"],
    *[
        "centers.center",
        "centers.course",
        "projects.project",
        "exchanges.offer",
        "exchanges.programme",
        "news.newsitem",
    ],
    *["proposals.call", "proposals.proposal"],
    *["anso_portal.errorreport", "anso_portal.branding", "anso_portal.aboutfact"],
    *["accounts.user", "accounts.alliancerole"],
    *["notifications.delivery", "notifications.event", "notifications.subscriber", "notifications.follow"],
    *["vocabularies.theme", "vocabularies.source", "vocabularies.country", "vocabularies.sdg"],
    *["workflow.step", "pghistory.context"],
]
PLACE = {name: position for position, name in enumerate(ORDER)}
LAST = len(ORDER)


class CompletionView(AutocompleteJsonView):
    def serialize_result(self, obj, to_field_name):
        return {"id": str(getattr(obj, to_field_name)), "text": self.model_admin.choice_label(obj)}


class PortalAdminSite(AdminSite):
    """The administrator's desk, for officers and administrators. One signs in at the portal's own page."""

    site_header = _("Desk")
    site_title = _("Desk")
    index_title = _("Records")

    def get_urls(self):
        """Without Django's way from a number to a record's page: it asks nobody who may see the record, and breaks where a
        model has no table. Our pages name the address of their record themselves."""
        return [address for address in super().get_urls() if getattr(address, "name", "") != "view_on_site"]

    def has_permission(self, request: HttpRequest) -> bool:
        return is_secretariat(request.user)

    def admin_view(self, view, cacheable=False):
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            return self._refusal(request) or inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        return refusal(request, OFFICER, ADMINISTRATOR)

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        return self._refusal(request) or redirect("admin:index")

    def logout(self, request, extra_context=None):
        return LogoutView.as_view(next_page=settings.LOGOUT_REDIRECT_URL)(request)

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def autocomplete_view(self, request):
        return CompletionView.as_view(admin_site=self)(request)

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(app, model))
        return sorted(apps, key=lambda app: min(_place(app, model) for model in app["models"]))


def _place(app: dict, model: dict) -> int:
    return PLACE.get(f"{app['app_label']}.{model['object_name'].lower()}", LAST)
