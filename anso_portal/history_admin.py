"""What was changed lately, request by request and import by import. What stood before and after is in each record's history."""

from django.contrib import admin
from django.db.models import BigIntegerField, CharField, Count, OuterRef, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from pghistory.models import Context

from accounts.admin_access import ReadOnlyDeskAdmin
from accounts.history.reading import LABELS, Names, Reader, changes_of, events_of, said_by, sources_for, tables_for
from accounts.models import HistoryReason, User
from accounts.permissions import is_secretariat
from anso_portal.models import HistoryLink

SHOWN = 100  # Events whose changes are told.


@admin.register(Context)
class ContextAdmin(ReadOnlyDeskAdmin):
    """pghistory is an app of others and has no permissions of ours."""

    list_display = ["created_at", "who", "what", "reason"]
    list_display_links = ["created_at"]
    list_select_related = []
    search_fields = ["metadata__route", "metadata__source", "metadata__file", "typed_reason"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = ["created_at", "who", "what", "reason", "sealed", "touched", "changed"]

    def get_queryset(self, request):
        if not is_secretariat(request.user):
            return Context.objects.none()
        key = Cast(KeyTextTransform("user", OuterRef("metadata")), BigIntegerField())
        name = User.objects.filter(pk=key).values(
            shown=Coalesce(NullIf("name", Value("")), "email", output_field=CharField())
        )
        number = Cast(KeyTextTransform("reason_number", OuterRef("metadata")), BigIntegerField())
        typed = HistoryReason.objects.filter(pk=number).values("text")
        return Context.objects.annotate(user_name=Subquery(name), typed_reason=Subquery(typed))

    def has_view_permission(self, request, obj=None) -> bool:
        return is_secretariat(request.user)

    def has_module_permission(self, request) -> bool:
        return is_secretariat(request.user)

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    @admin.display(description=_("by"))
    def who(self, context):
        if context.metadata.get("user"):
            return context.user_name or _("somebody whose account is gone")
        return said_by(context.metadata)

    @admin.display(description=_("where"))
    def what(self, context):
        """A pattern of addresses; of a time before there were patterns, the address itself."""
        told = context.metadata
        return told.get("route") or told.get("url") or told.get("file") or "–"

    @admin.display(description=_("because"))
    def reason(self, context):
        return context.metadata.get("reason") or context.typed_reason or "–"

    @admin.display(description=_("link of the chain"))
    def sealed(self, context):
        link = HistoryLink.objects.filter(context=context.pk).first()
        return f"{link.position} · {link.hash}" if link else _("not sealed yet: that takes a minute")

    @admin.display(description=_("rows touched"))
    def touched(self, context):
        return format_html_join("", "<div>{}: {} × {}</div>", self._counts(context, context.reader.user)) or "–"

    @admin.display(description=_("first changes"))
    def changed(self, context):
        """Of those that the reader may know of; each record tells all of its own."""
        sources = sources_for(context.reader.user, "event.pgh_context_id = %s", (context.pk,))
        events = list(events_of(sources, limit=SHOWN))
        names = Names(events, sources, context.reader)
        rows = (
            (event.record, change, change.before or "–", change.after or "–")
            for event in events
            for change in changes_of(event, sources[event.source].events, names, None)
        )
        return format_html_join("", "<div>{}: {}: {} → {}</div>", rows) or "–"

    def get_object(self, request, *args, **kwargs):
        context = super().get_object(request, *args, **kwargs)
        if context:
            context.reader = Reader(request.user)
        return context

    def _counts(self, context, user):
        for events, records in tables_for(user):
            rows = events._base_manager.filter(pgh_context=context)
            rows = rows if records is None else rows.filter(pgh_obj__in=records)
            counts = rows.order_by("pgh_label").values_list("pgh_label")
            for label, count in counts.annotate(count=Count("pk")):
                yield events.pgh_tracked_model._meta.verbose_name, count, LABELS.get(label, label)
