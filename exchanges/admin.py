from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_access import DeskAdmin, ReadOnlyDeskAdmin, SluggedDeskAdmin
from exchanges.actions.offers import close_offer, open_offer
from exchanges.forms import DeadlineForm
from exchanges.models import HostCapacity, InvitationLetter, Offer, Programme, Status, Stay
from workflow.actions import moves_open_to

# By the state to which they lead: what the button says, and what it does.
ACTS: dict[str, tuple[object, Callable]] = {
    Offer.State.OPEN: (_("Save and open (publish)"), open_offer),
    Offer.State.CLOSED: (_("Save and close"), close_offer),
}


@admin.register(Programme)
class ProgrammeAdmin(SluggedDeskAdmin):
    list_display = ["name", "slug", "source"]
    list_filter = [("source", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["source"]
    search_fields = ["name"]
    autocomplete_fields = ["source"]
    readonly_fields = ["seats_taken", "budget_taken"]
    fieldsets = [
        (None, {"fields": ["name", "translations", "slug", "description"]}),
        (
            _("Rules of its stays"),
            {"fields": ["rules", "needs_approval", ("grants_from", "grants_until"), "report_within_days"]},
        ),
        (_("What there is"), {"fields": [("seats", "seats_taken"), ("budget", "budget_taken", "currency")]}),
        (_("Source"), {"fields": ["source", "source_urls", "source_seen_on"], "classes": ["collapse"]}),
    ]


class StatusFilter(admin.SimpleListFilter):
    title = _("what visitors see")
    parameter_name = "status"

    def lookups(self, request, model_admin):
        return Status.choices

    def queryset(self, request, queryset):
        if self.value() not in Status.values:
            return queryset
        return queryset.published().filter(status=self.value())


@admin.register(Offer)
class OfferAdmin(SluggedDeskAdmin):
    """The state is moved by the buttons, which save what was typed first."""

    form = DeadlineForm
    slug_from = "title"
    change_form_template = "admin/exchanges/offer_change_form.html"
    list_display = ["title", "kind", "institution", "center", "country", "state", "apply_by", "illustrative"]
    list_filter = [
        "state",
        StatusFilter,
        "kind",
        "illustrative",
        ("programme", admin.RelatedOnlyFieldListFilter),
        ("country", admin.RelatedOnlyFieldListFilter),
        ("themes", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["institution", "center", "country"]
    search_fields = ["names_folded__contains"]
    date_hierarchy = "apply_by"
    autocomplete_fields = [
        "programme",
        "institution",
        "center",
        "country",
        "themes",
        "eligible_countries",
        "trainings",
        "source",
    ]
    readonly_fields = ["state", "opened_at"]
    actions = ["open_selected", "close_selected"]
    fieldsets = [
        (None, {"fields": ["title", "slug", "kind", "programme", "state", "opened_at", "illustrative"]}),
        (_("Host"), {"fields": ["institution", "center", "country", "city"]}),
        (
            _("What is offered"),
            {"fields": ["description", "paid", "themes", "eligible_countries", "trainings", "places"]},
        ),
        (_("Dates"), {"fields": [("starts_on", "ends_on"), ("apply_by", "apply_by_zone")]}),
        (_("Source"), {"fields": ["source", "source_urls", "source_seen_on"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_status()

    def has_delete_permission(self, request, obj=None) -> bool:
        """What was published stays, or links in mails would lead nowhere; it is closed."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.state == Offer.State.DRAFT)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        moves = moves_open_to(request.user, obj) if obj else []
        context["moves"] = [(move.target, ACTS[move.target][0]) for move in moves]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request, obj):
        if request.POST.get("_move") in ACTS:
            self._move(request, [obj], request.POST["_move"])
            request.POST = {**request.POST.dict(), "_continue": "1"}
        return super().response_change(request, obj)

    @admin.action(description=_("Open (publish) the selected offers"), permissions=["change"])
    def open_selected(self, request, queryset):
        self._move(request, queryset, Offer.State.OPEN)

    @admin.action(description=_("Close the selected offers"), permissions=["change"])
    def close_selected(self, request, queryset):
        self._move(request, queryset, Offer.State.CLOSED)

    def _move(self, request, offers, target: str) -> None:
        """Each by itself: why one cannot be moved is told, and the others are."""
        act, moved = ACTS[target][1], 0
        for offer in offers:
            try:
                act(offer=offer, by=request.user)
                moved += 1
            except ValidationError as problem:
                self.message_user(request, f"{offer}: {' '.join(problem.messages)}", messages.ERROR)
            except PermissionDenied as problem:
                self.message_user(request, f"{offer}: {problem}", messages.ERROR)
        if moved:
            told = {
                Offer.State.OPEN: ngettext("%(n)d offer is open now.", "%(n)d offers are open now.", moved),
                Offer.State.CLOSED: ngettext("%(n)d offer is closed now.", "%(n)d offers are closed now.", moved),
            }
            self.message_user(request, told[Offer.State(target)] % {"n": moved}, messages.SUCCESS)


@admin.register(HostCapacity)
class HostCapacityAdmin(DeskAdmin):
    list_display = ["institution", "guests"]
    list_select_related = ["institution"]
    search_fields = ["institution__names_folded__contains"]
    autocomplete_fields = ["institution"]


@admin.register(Stay)
class StayAdmin(ReadOnlyDeskAdmin):
    """Applied for, answered and approved on its page, where everybody who takes part is told."""

    list_display = ["__str__", "offer", "applicant", "home", "host", "starts_on", "ends_on", "state"]
    list_filter = ["state"]
    list_select_related = ["offer", "applicant", "home", "host"]
    search_fields = ["offer__names_folded__contains", "applicant__name"]
    date_hierarchy = "starts_on"


@admin.register(InvitationLetter)
class InvitationLetterAdmin(ReadOnlyDeskAdmin):
    list_display = ["__str__", "stay", "issued_at", "revoked_at"]
    list_select_related = ["stay"]
    search_fields = ["code", "digest"]
