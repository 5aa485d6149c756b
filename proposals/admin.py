from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_access import PartInline, ReadOnlyDeskAdmin, ReadOnlyPartInline, SluggedDeskAdmin
from proposals.actions.calls import publish_call
from proposals.actions.decisions import apply_decisions, write_decisions
from proposals.actions.reviewing import plan_of, remind_reviewers
from proposals.models import (
    Answer,
    BudgetLine,
    Call,
    CallOfficer,
    CallPart,
    CallReviewer,
    Circular,
    Clarification,
    Criterion,
    Decision,
    DeclaredConflict,
    InstitutionRequest,
    LateCode,
    Panel,
    Partner,
    Proposal,
    ProposalFile,
    Question,
    Rank,
    Redaction,
    Remark,
    Review,
    ReviewPlan,
    Score,
    Signatory,
    SignOff,
    Submission,
    TeamMember,
    WorkPackage,
)
from workflow.actions import WrongState


def each(request, rows, act) -> None:
    """Does the act of the desk for each row; what it refuses is said with the row's name, and changes nothing there."""
    done = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except (ValidationError, PermissionDenied, WrongState) as refusal:
            reason = " ".join(getattr(refusal, "messages", None) or [str(refusal)])
            messages.warning(request, f"{row}: {reason}")
    if done:
        messages.success(request, ngettext("Done for %(n)d.", "Done for %(n)d.", done) % {"n": done})


class OfficerInline(PartInline):
    model = CallOfficer
    autocomplete_fields = ["user"]


class PartsInline(PartInline):
    model = CallPart


class LateCodeInline(ReadOnlyPartInline):
    """Given at the desk; the code itself is kept nowhere."""

    model = LateCode
    readonly_fields = fields = ("note", "until", "made_at", "used_at")


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
    inlines = [OfficerInline, PartsInline, LateCodeInline]
    actions = ["publish", "announce_decisions", "remind"]

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request, queryset):
        each(request, queryset, lambda call: publish_call(call=call, by=request.user))

    @admin.action(description=_("Announce the decisions"), permissions=["change"])
    def announce_decisions(self, request, queryset):
        each(request, queryset, lambda call: apply_decisions(call=call, by=request.user))

    @admin.action(description=_("Remind its reviewers"), permissions=["change"])
    def remind(self, request, queryset):
        each(request, queryset, lambda call: remind_reviewers(plan=plan_of(call, request.user), by=request.user))

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


class AnswerInline(ReadOnlyPartInline):
    model = Answer
    readonly_fields = fields = ("question", "text")
    autocomplete_fields = ["question"]


class TeamInline(ReadOnlyPartInline):
    model = TeamMember
    readonly_fields = fields = ("name", "task")
    personal = True


class PlanInline(ReadOnlyPartInline):
    model = WorkPackage
    readonly_fields = fields = ("title", "starts_on", "ends_on", "result")


class FileInline(ReadOnlyPartInline):
    """The files themselves are on the proposal's page, which asks who may have them."""

    model = ProposalFile
    readonly_fields = fields = ("number", "extension", "size", "digest", "at", "removed_at", "is_submitted")


class RedactionInline(ReadOnlyPartInline):
    model = Redaction
    readonly_fields = fields = ("field", "text")


class RemarkInline(ReadOnlyPartInline):
    """The discussion."""

    model = Remark
    readonly_fields = fields = ("by", "at", "text")
    account_fields = ("by",)
    personal = True


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyDeskAdmin):
    """What the secretariat may see of proposals; no state is set by hand."""

    list_display = ["title", "call", "number", "state", "submitted_at"]
    list_filter = ["state", ("call", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["call"]
    search_fields = ["title", "acronym"]
    date_hierarchy = "submitted_at"
    inlines = [AnswerInline, TeamInline, PlanInline, FileInline, RedactionInline, RemarkInline]

    def get_actions(self, request):
        """The decisions, as at the desk: seen by officers alone until they are announced together."""
        return super().get_actions(request) | {
            f"decide_{outcome}": (deciding(outcome), f"decide_{outcome}", _("Decide: %(outcome)s") % {"outcome": label})
            for outcome, label in ((one.value, one.label) for one in Proposal.DECIDED)
        }


def deciding(outcome: str):
    def act(admin_page, request, queryset):
        each(request, queryset, lambda one: write_decisions(proposals=[one], outcome=outcome, by=request.user))

    return act


class BudgetInline(ReadOnlyPartInline):
    model = BudgetLine
    readonly_fields = fields = ("category", "label", "amount")


@admin.register(Partner)
class PartnerAdmin(ReadOnlyDeskAdmin):
    inlines = [BudgetInline]
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


@admin.register(InstitutionRequest)
class InstitutionRequestAdmin(ReadOnlyDeskAdmin):
    """Answered at the desk, where the applicants are told."""

    list_display = ["name", "country", "at", "answered_at", "institution"]
    list_select_related = ["country", "institution"]
    search_fields = ["name"]


@admin.register(Signatory)
class SignatoryAdmin(ReadOnlyDeskAdmin):
    list_display = ["name", "position", "partner", "at", "answered_at"]
    list_select_related = ["partner__institution"]
    search_fields = ["name", "partner__institution__names_folded__contains"]


@admin.register(Clarification)
class ClarificationAdmin(ReadOnlyDeskAdmin):
    list_display = ["question", "proposal", "asked_at", "answered_at"]
    list_select_related = ["proposal"]
    search_fields = ["question"]


@admin.register(Circular)
class CircularAdmin(ReadOnlyDeskAdmin):
    list_display = ["subject", "call", "written_at", "released_at", "reached"]
    list_select_related = ["call"]
    search_fields = ["subject"]


# --- Reviews: what an officer may see of them; they are written, given and ranked on the pages of the desk


class CriterionInline(ReadOnlyPartInline):
    model = Criterion
    readonly_fields = fields = ("position", "label", "weight", "hint")


@admin.register(ReviewPlan)
class ReviewPlanAdmin(ReadOnlyDeskAdmin):
    inlines = [CriterionInline]
    list_display = ["call", "phase", "blindness", "per_proposal", "per_reviewer", "due_at"]
    list_filter = ["phase", "blindness"]
    list_select_related = ["call"]
    search_fields = ["call__names_folded__contains"]


@admin.register(CallReviewer)
class CallReviewerAdmin(ReadOnlyDeskAdmin):
    list_display = ["user", "call", "state", "most", "invited_at", "answered_at"]
    list_filter = ["state"]
    list_select_related = ["user", "call"]
    search_fields = ["user__name", "user__email"]


class ScoreInline(ReadOnlyPartInline):
    model = Score
    readonly_fields = fields = ("criterion", "points")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("criterion")


@admin.register(Review)
class ReviewAdmin(ReadOnlyDeskAdmin):
    inlines = [ScoreInline]
    list_display = ["proposal", "reviewer", "state", "by_hand", "submitted_at"]
    list_filter = ["state", "by_hand"]
    list_select_related = ["proposal__call", "reviewer__user"]
    search_fields = ["proposal__title", "reviewer__user__name"]


@admin.register(DeclaredConflict)
class DeclaredConflictAdmin(ReadOnlyDeskAdmin):
    list_display = ["proposal", "user", "at"]
    list_select_related = ["proposal__call", "user"]
    search_fields = ["proposal__title", "user__name"]


class RankInline(ReadOnlyPartInline):
    """What a conflict of interest hides from the reader is left out."""

    model = Rank
    readonly_fields = fields = ("place", "proposal", "note")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("proposal")


@admin.register(Panel)
class PanelAdmin(ReadOnlyDeskAdmin):
    inlines = [RankInline]
    list_display = ["call", "held_on", "place", "locked_at"]
    list_select_related = ["call"]
    search_fields = ["call__names_folded__contains"]
