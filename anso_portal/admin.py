"""The desk's pages for the portal itself and for the vocabularies, which lie below the base of all admins."""

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin_access import DeskAdmin, ReadOnlyDeskAdmin, SluggedDeskAdmin
from anso_portal import accounts_admin, history_admin  # noqa: F401
from anso_portal.context import forget_branding
from anso_portal.models import AboutFact, Branding, ErrorReport
from toolkit.documents import clean_picture
from vocabularies.models import Country, Sdg, Source, Theme

LOGO_WITHIN = (1200, 240)  # Twice what a page shows, for dense screens.


class BrandingForm(forms.ModelForm):
    def clean_logo(self):
        logo = self.cleaned_data["logo"]
        return clean_picture(logo, within=LOGO_WITHIN) if isinstance(logo, UploadedFile) else logo


@admin.register(Branding)
class BrandingAdmin(DeskAdmin):
    """One row, so its list is its page."""

    form = BrandingForm
    list_display = ["name"]
    list_select_related = []
    search_fields = []

    def changelist_view(self, request, extra_context=None):
        row = self.get_queryset(request).first()
        if row is None and self.has_add_permission(request):
            return redirect("admin:anso_portal_branding_add")
        return (
            redirect("admin:anso_portal_branding_change", row.pk)
            if row
            else super().changelist_view(request, extra_context)
        )

    def has_add_permission(self, request) -> bool:
        return super().has_add_permission(request) and not Branding.objects.exists()

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def save_model(self, request, obj, form, change) -> None:
        before = Branding.objects.filter(pk=obj.pk).values_list("logo", flat=True).first()
        super().save_model(request, obj, form, change)
        transaction.on_commit(forget_branding)
        if before and before != obj.logo.name:
            storage = obj.logo.storage
            transaction.on_commit(lambda: storage.delete(before))


@admin.register(AboutFact)
class AboutFactAdmin(DeskAdmin):
    list_display = ["key", "value", "position"]
    list_filter = ["key"]
    list_select_related = []
    search_fields = ["key", "value", "detail"]


@admin.register(ErrorReport)
class ErrorReportAdmin(ReadOnlyDeskAdmin):
    """To look up what was; what is open is worked on in the moderation queue."""

    personal = True
    list_display = ["record", "page", "shortened", "state", "created_at"]
    list_filter = ["state"]
    list_select_related = []
    search_fields = ["record", "message", "email"]
    date_hierarchy = "created_at"
    fields = ["record", "page", "message", "email", "created_at", "state", "question", "reply", "answer", "done_at"]
    readonly_fields = ["page"]

    @admin.display(description=_("page"))
    def page(self, report):
        """An address within the portal: a report must not lead elsewhere."""
        if not report.address.startswith("/") or report.address.startswith("//"):
            return report.address
        return format_html('<a href="{}">{}</a>', report.address, report.address)

    @admin.display(description=_("what is wrong"))
    def shortened(self, report):
        return report.message if len(report.message) <= 100 else f"{report.message[:99]}…"


@admin.register(Theme)
class ThemeAdmin(SluggedDeskAdmin):
    list_display = ["name", "slug", "source"]
    list_select_related = ["source"]
    search_fields = ["names_folded__contains"]
    autocomplete_fields = ["source"]
    fields = ["name", "translations", "slug", "description", "source"]


@admin.register(Source)
class SourceAdmin(SluggedDeskAdmin):
    list_display = ["name", "url", "licence"]
    list_select_related = []
    search_fields = ["name", "slug", "url"]
    fields = ["name", "slug", "url", "licence", "note"]


class GivenVocabularyAdmin(DeskAdmin):
    """Others decide what is in it: ISO and CLDR, the United Nations."""

    list_select_related = []

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Country)
class CountryAdmin(GivenVocabularyAdmin):
    list_display = ["code", "name", "continent"]
    list_filter = ["continent"]
    search_fields = ["names_folded__contains", "code__iexact"]
    fields = ["code", "name", "continent", ("latitude", "longitude")]
    readonly_fields = ["code", "name"]
    list_per_page = 300

    def choice_label(self, country) -> str:
        return f"{country.name} ({country.code})"

    @admin.display(description=_("name"))
    def name(self, country):
        return country.name


@admin.register(Sdg)
class SdgAdmin(GivenVocabularyAdmin):
    list_display = ["number", "name"]
    list_display_links = ["name"]
    search_fields = ["name", "number__iexact"]
    fields = ["number", "name", "translations"]
    readonly_fields = ["number"]
