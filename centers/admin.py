from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_access import PartInline, SluggedDeskAdmin
from centers.models import Center, CenterInstitution, CenterSite, Facility


class SiteInline(PartInline):
    model = CenterSite
    autocomplete_fields = ["country"]
    single = ("is_seat", True)
    single_message = _("A center has one seat.")


class InstitutionInline(PartInline):
    model = CenterInstitution
    autocomplete_fields = ["institution"]


class FacilityInline(PartInline):
    model = Facility


class OpenFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("active", _("active")), ("closed", _("closed"))]

    def queryset(self, request, queryset):
        if self.value() == "active":
            return queryset.active()
        return queryset.closed() if self.value() == "closed" else queryset


@admin.register(Center)
class CenterAdmin(SluggedDeskAdmin):
    list_display = ["name", "acronym", "countries", "established_on", "closed_on"]
    list_filter = [OpenFilter, ("themes", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["source"]
    search_fields = ["names_folded__contains"]
    date_hierarchy = "established_on"
    autocomplete_fields = ["themes", "source"]
    inlines = [SiteInline, InstitutionInline, FacilityInline]
    fieldsets = [
        (None, {"fields": ["name", "acronym", "translations", "slug", "summary", "fields", "themes", "website"]}),
        (_("Dates"), {"fields": [("established_on", "established_precision"), "history", "closed_on"]}),
        (_("Source"), {"fields": ["source", "source_urls", "source_seen_on"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("sites__country")

    def slug_country(self, center) -> str:
        """A center may be in several countries, so its address names none."""
        return ""

    @admin.display(description=_("countries"))
    def countries(self, center):
        return ", ".join(dict.fromkeys(str(site.country) for site in center.sites.all()))
