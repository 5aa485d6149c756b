"""The base of every admin page: rows start from `visible_to`, acts ask the apps' permissions."""

from django.contrib import admin

from accounts.access import can, permission, visible
from accounts.permissions import NOBODY


class DeskAdmin(admin.ModelAdmin):
    """`list_select_related` and `search_fields` are named in each subclass; the query count of a list is constant."""

    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request):
        return visible(super().get_queryset(request), request.user)

    def _may(self, request, act: str, obj=None) -> bool:
        if obj is not None:
            return can(request.user, act, obj)
        return permission(act, self.model)(request.user) != NOBODY

    def has_view_permission(self, request, obj=None) -> bool:
        return self._may(request, "view", obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return self._may(request, "edit", obj)

    def has_add_permission(self, request) -> bool:
        return self._may(request, "edit")

    def has_delete_permission(self, request, obj=None) -> bool:
        return self._may(request, "edit", obj)

    def has_module_permission(self, request) -> bool:
        return self._may(request, "view")


class ReadOnlyDeskAdmin(DeskAdmin):
    """For rows that the portal writes itself."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
