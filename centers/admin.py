from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin_access import DeskAdmin, PartInline, ReadOnlyDeskAdmin, SluggedDeskAdmin
from centers.models import (
    Center,
    CenterInstitution,
    CenterSite,
    Certificate,
    Course,
    CourseSession,
    Facility,
    Participant,
)


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


class SessionInline(PartInline):
    """One that is not given is called off at the desk: certificates hang on it."""

    model = CourseSession
    can_delete = False


@admin.register(Course)
class CourseAdmin(DeskAdmin):
    list_display = ["name", "center", "valid_months", "illustrative"]
    list_filter = [("center", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["center"]
    search_fields = ["name"]
    autocomplete_fields = ["center"]
    inlines = [SessionInline]


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyDeskAdmin):
    """Signed up by the person, seen by the hosts: on the page of the session, where everybody who takes part is told."""

    list_display = ["__str__", "session", "signed_up_at", "signed_off_at", "attended"]
    list_filter = ["attended"]
    list_select_related = ["person", "session__course"]
    search_fields = ["person__name", "session__course__name"]
    date_hierarchy = "session__starts_on"


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyDeskAdmin):
    list_display = ["__str__", "participant", "issued_at", "valid_until", "revoked_at"]
    list_filter = ["year"]
    list_select_related = ["participant__person"]
    search_fields = ["code", "digest"]
