from django.contrib import admin, messages
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_access import PartInline, ReadOnlyDeskAdmin, SluggedDeskAdmin
from projects.models import Grant, Milestone, Output, Participation, Project, ProjectSite, Report
from projects.models.project import Status


class ParticipationInline(PartInline):
    model = Participation
    autocomplete_fields = ["institution", "country"]
    single = ("role", Participation.Role.LEAD.value)
    single_message = _("A project has one lead.")


class SiteInline(PartInline):
    model = ProjectSite
    autocomplete_fields = ["country"]


class OutputInline(PartInline):
    model = Output


class MilestoneInline(PartInline):
    model = Milestone


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return Status.choices

    def queryset(self, request, queryset):
        return queryset.filter(status=self.value()) if self.value() in Status.values else queryset


@admin.register(Grant)
class GrantAdmin(ReadOnlyDeskAdmin):
    """Recorded at the desk, with its instalments."""

    list_display = ["number", "project", "signed_on", "amount", "currency"]
    list_select_related = ["project"]
    search_fields = ["number"]


@admin.register(Report)
class ReportAdmin(ReadOnlyDeskAdmin):
    """Asked for, written and read at the desk, where people are told."""

    list_display = ["project", "kind", "due_on", "state"]
    list_filter = ["state", "kind"]
    list_select_related = ["project"]
    search_fields = ["project__names_folded__contains"]
    date_hierarchy = "due_on"


@admin.register(Project)
class ProjectAdmin(SluggedDeskAdmin):
    """Its status follows from the dates; it is public from the day on which it was published."""

    slug_from = "title"
    flat_translations = False
    list_display = ["title", "acronym", "code", "current_status", "starts_on", "ends_on", "of_alliance", "is_published"]
    list_filter = [
        StatusFilter,
        "of_alliance",
        "illustrative",
        ("published_at", admin.EmptyFieldListFilter),
        ("themes", admin.RelatedOnlyFieldListFilter),
        ("centers", admin.RelatedOnlyFieldListFilter),
        ("source", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["source"]
    search_fields = ["names_folded__contains"]
    date_hierarchy = "starts_on"
    autocomplete_fields = ["themes", "sdgs", "centers", "source"]
    readonly_fields = ["current_status"]
    inlines = [ParticipationInline, SiteInline, OutputInline, MilestoneInline]
    actions = ["publish", "withdraw"]
    fieldsets = [
        (None, {"fields": ["title", "language", "acronym", "code", "slug", "summary", "translations"]}),
        (_("Subject"), {"fields": ["themes", "sdgs", "centers", "keywords", "website"]}),
        (
            _("Dates"),
            {
                "fields": [
                    "current_status",
                    ("starts_on", "starts_precision"),
                    ("ends_on", "ends_precision"),
                    "suspended_on",
                ]
            },
        ),
        (_("Money"), {"fields": [("amount", "currency"), "funder", "funding_programme"]}),
        (_("Publication"), {"fields": ["published_at", "of_alliance", "illustrative"]}),
        (_("Source"), {"fields": ["source", "source_urls", "source_seen_on"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_status()

    @admin.display(description=_("status"))
    def current_status(self, project):
        return Status(project.status).label if getattr(project, "status", None) else "–"

    @admin.display(description=_("published"), boolean=True, ordering="published_at")
    def is_published(self, project):
        return project.published_at is not None

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request, queryset):
        number = Project.objects.filter(pk__in=queryset.values("pk"), published_at__isnull=True).update(
            published_at=Now()
        )
        self._tell(request, ngettext("%(n)d project is public now.", "%(n)d projects are public now.", number), number)

    @admin.action(description=_("Take off the public pages"), permissions=["change"])
    def withdraw(self, request, queryset):
        number = Project.objects.filter(pk__in=queryset.values("pk"), published_at__isnull=False).update(
            published_at=None
        )
        self._tell(request, ngettext("%(n)d project is a draft now.", "%(n)d projects are drafts now.", number), number)

    def _tell(self, request, text: str, number: int) -> None:
        self.message_user(request, text % {"n": number}, messages.SUCCESS if number else messages.WARNING)
