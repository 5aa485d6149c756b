"""The history of every record, in the admin."""

from pghistory.admin import EventsAdmin

from accounts.permissions import is_secretariat


class EventAdmin(EventsAdmin):
    """Read-only; for officers and administrators."""

    def has_view_permission(self, request, obj=None) -> bool:
        return is_secretariat(request.user)

    def has_module_permission(self, request) -> bool:
        return is_secretariat(request.user)
