from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

from accounts.permissions import is_secretariat


class PortalAdminSite(AdminSite):
    """The administrator's desk: for officers and administrators, whose roles are rows."""

    site_header = _("The desk of the portal")
    site_title = _("Desk")
    index_title = _("Records")
    enable_nav_sidebar = True

    def has_permission(self, request) -> bool:
        return is_secretariat(request.user)
