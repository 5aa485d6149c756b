from django.contrib import admin, messages
from django.db.models.functions import Now
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin_access import ReadOnlyDeskAdmin
from notifications.actions import cancel_delivery, requeue_delivery, trust_address
from notifications.links import without_keys
from notifications.models import Delivery, Event, Follow, Heartbeat, HeldKind, KindText, Subscriber


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyDeskAdmin):
    """Queue and log of all mail; buttons send again or call off."""

    list_display = ["address", "purpose", "state", "age", "attempts", "uncertain", "sent_at", "last_error"]
    list_filter = ["state", "purpose", "sensitive"]
    list_select_related: list[str] = ["subscriber__user"]
    search_fields = ["address", "subject", "message_id", "last_error"]
    date_hierarchy = "created_at"
    actions = ["send_again", "call_off"]
    fieldsets = [
        (None, {"fields": ["address", "subscriber", "purpose", "state", "subject", "text"]}),
        (
            _("Sending"),
            {
                "fields": [
                    *["created_at", "sent_at", "smtp_reply", "last_error", "message_id"],
                    *["attempts", "crashes", "uncertain", "next_at", "give_up_at", "owner", "lease_until"],
                ]
            },
        ),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body_html", "context").annotate(now=Now())

    def get_readonly_fields(self, request, obj=None):
        return [field for _name, options in self.fieldsets for field in options["fields"]]

    @admin.display(description=_("text"))
    def text(self, delivery):
        return without_keys(delivery.body_text)

    @admin.display(description=_("age"), ordering="created_at")
    def age(self, delivery):
        return timesince(delivery.created_at, delivery.now, depth=1)

    @admin.action(description=_("Send again what was given up, held, left in doubt or came back"), permissions=["view"])
    def send_again(self, request, queryset):
        number = sum(requeue_delivery(delivery=delivery, by=request.user) for delivery in queryset)
        self._report(request, ngettext("%(n)d mail waits again.", "%(n)d mails wait again.", number), number)

    @admin.action(description=_("Call off what waits, put aside what did not arrive"), permissions=["view"])
    def call_off(self, request, queryset):
        number = sum(cancel_delivery(delivery=delivery, by=request.user) for delivery in queryset)
        self._report(request, ngettext("%(n)d mail was called off.", "%(n)d mails were called off.", number), number)

    def _report(self, request, text: str, number: int) -> None:
        self.message_user(request, text % {"n": number}, messages.SUCCESS if number else messages.WARNING)


@admin.register(Event)
class EventAdmin(ReadOnlyDeskAdmin):
    list_display = ["created_at", "kind", "headline", "actor", "subject_label", "subject_id"]
    list_filter = ["kind", "subject_label"]
    list_select_related = ["actor"]
    search_fields = ["kind", "facts", "subject_id", "topics"]
    date_hierarchy = "created_at"


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyDeskAdmin):
    list_display = ["__str__", "current_address", "language", "is_refused", "refused_at", "created_at"]
    list_filter = [("user", admin.EmptyFieldListFilter), ("refused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name", "address"]
    date_hierarchy = "created_at"
    actions = ["trust_again"]

    @admin.action(description=_("Write again to addresses that were refused"), permissions=["view"])
    def trust_again(self, request, queryset):
        number = sum(trust_address(subscriber=subscriber, by=request.user) for subscriber in queryset)
        text = ngettext("%(n)d address is written to again.", "%(n)d addresses are written to again.", number)
        self.message_user(request, text % {"n": number}, messages.SUCCESS if number else messages.WARNING)


@admin.register(Follow)
class FollowAdmin(ReadOnlyDeskAdmin):
    list_display = ["subscriber", "topic", "label", "created_at"]
    list_select_related = ["subscriber__user"]
    search_fields = ["topic", "label", "subscriber__user__email"]
    date_hierarchy = "created_at"


@admin.register(KindText)
class KindTextAdmin(ReadOnlyDeskAdmin):
    """Written on the pages of the desk, which show them as they will be read."""

    list_display = ["kind", "language", "subject", "by", "changed_at"]
    list_filter = ["language"]
    list_select_related = ["by"]
    search_fields = ["kind", "subject", "sentence"]


@admin.register(HeldKind)
class HeldKindAdmin(ReadOnlyDeskAdmin):
    list_display = ["kind", "by", "since"]
    list_select_related = ["by"]
    search_fields = ["kind"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyDeskAdmin):
    list_display = ["name", "seen_at"]
