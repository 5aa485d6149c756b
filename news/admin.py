from django.contrib import admin

from accounts.admin_access import ReadOnlyDeskAdmin
from news.models import NewsItem


@admin.register(NewsItem)
class NewsItemAdmin(ReadOnlyDeskAdmin):
    """Written and published on the pages of the desk, where those are told whom it concerns."""

    list_display = ["title", "institution", "state", "submitted_at", "published_at", "expires_on"]
    list_filter = ["state"]
    list_select_related = ["institution"]
    search_fields = ["title", "institution__names_folded__contains"]
    date_hierarchy = "submitted_at"
