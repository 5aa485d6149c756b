"""Applications, proposed changes and merges, to look things up. The acts stand at the desk, which tells people."""

from django.contrib import admin
from django.urls import reverse

from accounts.admin_access import ReadOnlyDeskAdmin, ReadOnlyPartInline
from members.models import (
    ApplicationMessage,
    ChangeItem,
    ChangeRequest,
    InstitutionMerge,
    MembershipApplication,
)


class ApplicationMessageInline(ReadOnlyPartInline):
    model = ApplicationMessage
    fields = readonly_fields = ("at", "is_question", "text")
    personal = True


@admin.register(MembershipApplication)
class MembershipApplicationAdmin(ReadOnlyDeskAdmin):
    personal = True
    list_display = ["name", "country", "state", "submitted_at", "changed_at"]
    list_filter = ["state"]
    list_select_related = ["country"]
    search_fields = ["name", "ror"]
    date_hierarchy = "created_at"
    inlines = [ApplicationMessageInline]
    exclude = ["seed", "token_hash", "submission_key"]

    def get_view_on_site_url(self, obj=None):
        return reverse("members:membership_detail", args=[obj.pk]) if obj else None


class ChangeItemInline(ReadOnlyPartInline):
    model = ChangeItem
    fields = readonly_fields = ("field", "decision", "reason", "decided_at", "live_at")


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ReadOnlyDeskAdmin):
    personal = True
    list_display = ["institution", "state", "proposed_at", "decided_at", "by"]
    list_filter = ["state"]
    list_select_related = ["institution", "by"]
    search_fields = ["institution__names_folded__contains"]
    date_hierarchy = "created_at"
    inlines = [ChangeItemInline]

    def get_view_on_site_url(self, obj=None):
        return reverse("members:change", args=[obj.institution.slug, obj.pk]) if obj else None


@admin.register(InstitutionMerge)
class InstitutionMergeAdmin(ReadOnlyDeskAdmin):
    list_display = ["gone_name", "kept", "merged_at", "undone_at", "by"]
    list_filter = [("undone_at", admin.EmptyFieldListFilter)]
    list_select_related = ["kept", "by"]
    search_fields = ["gone_name", "gone_slug", "kept__names_folded__contains"]
    date_hierarchy = "merged_at"

    def get_view_on_site_url(self, obj=None):
        return reverse("members:merge", args=[obj.pk]) if obj else None
