from django.contrib import admin

from accounts.admin_access import ReadOnlyDeskAdmin
from workflow.models import Step


@admin.register(Step)
class StepAdmin(ReadOnlyDeskAdmin):
    list_display = ["at", "object_label", "object_id", "source", "target", "by", "reason"]
    list_filter = ["object_label", "target"]
    list_select_related = ["by"]
    search_fields = ["object_id", "reason", "by__email", "by__name"]
    date_hierarchy = "at"
