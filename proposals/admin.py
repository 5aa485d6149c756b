from django.contrib import admin

from accounts.admin_access import PartInline, ReadOnlyDeskAdmin, SluggedDeskAdmin
from proposals.models import Call, CallOfficer, CallPart, Decision, Partner, Proposal, Question, SignOff, Submission


class OfficerInline(PartInline):
    model = CallOfficer
    autocomplete_fields = ["user"]


class PartsInline(PartInline):
    model = CallPart


@admin.register(Call)
class CallAdmin(SluggedDeskAdmin):
    """To whom a call is given, and corrections. It is published, moved and decided at the desk, where people are told."""

    slug_from = "title"
    list_display = ["title", "code", "kind", "state", "opens_at", "closes_at", "illustrative"]
    list_filter = ["state", "kind", "illustrative", ("themes", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["programme"]
    search_fields = ["names_folded__contains"]
    date_hierarchy = "closes_at"
    autocomplete_fields = ["programme", "themes", "source"]
    readonly_fields = [
        *("state", "opens_at", "closes_at", "internal_closes_at", "zone", "grace_minutes"),
        *("published_at", "decided_at"),
    ]
    inlines = [OfficerInline, PartsInline]

    def has_add_permission(self, request) -> bool:
        """It is made at the desk, where it is given to the officer who makes it."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        """What was published stays, or links in mails would lead nowhere."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == Call.State.DRAFT)


@admin.register(Question)
class QuestionAdmin(ReadOnlyDeskAdmin):
    list_display = ["label", "kind", "part", "required", "for_reviewers"]
    list_select_related = ["part__call"]
    search_fields = ["label"]


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyDeskAdmin):
    """What the secretariat may see of proposals; no state is set by hand."""

    list_display = ["title", "call", "number", "state", "submitted_at"]
    list_filter = ["state", ("call", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["call"]
    search_fields = ["title", "acronym"]
    date_hierarchy = "submitted_at"


@admin.register(Partner)
class PartnerAdmin(ReadOnlyDeskAdmin):
    list_display = ["institution", "proposal", "role", "asked_at"]
    list_filter = ["role"]
    list_select_related = ["institution", "proposal"]
    search_fields = ["institution__names_folded__contains"]


@admin.register(SignOff)
class SignOffAdmin(ReadOnlyDeskAdmin):
    list_display = ["partner", "answer", "revision", "at", "revoked_at"]
    list_filter = ["answer"]
    list_select_related = ["partner__institution", "partner__proposal"]
    search_fields = ["partner__proposal__title"]


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyDeskAdmin):
    list_display = ["proposal", "version", "submitted_at", "digest"]
    list_select_related = ["proposal"]
    search_fields = ["proposal__title", "digest"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyDeskAdmin):
    list_display = ["proposal", "outcome", "decided_at", "applied_at"]
    list_filter = ["outcome"]
    list_select_related = ["proposal"]
    search_fields = ["proposal__title"]
