"""The base of every admin page: rows start from `visible_to`, acts ask the apps' permissions."""

import json
from types import SimpleNamespace

from django.contrib import admin
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from accounts.access import can, can_on_some, visible
from accounts.admin_forms import FriendlyFields, PartForm, PartFormSet
from accounts.history.reading import Part, Reader, event_model, history_page
from toolkit.names import find_identifier, fold
from toolkit.rows import new_slug


class DeskAdmin(FriendlyFields, admin.ModelAdmin):
    """`list_select_related` and `search_fields` are named in each subclass; the query count of a list is constant.

    A search field that ends in `_folded__contains` is asked for the folded text, so that its trigram index serves.
    """

    list_per_page = 50
    show_full_result_count = False
    personal = False  # of people: the log then keeps neither names nor addresses, or nobody could be erased

    def get_queryset(self, request):
        return visible(super().get_queryset(request), request.user)

    def get_search_results(self, request, queryset, search_term):
        if any(field.endswith("_folded__contains") for field in self.get_search_fields(request)):
            identifier = find_identifier(search_term)
            search_term = identifier[1] if identifier and identifier[0] == "ror" else fold(search_term)
        return super().get_search_results(request, queryset, search_term)

    def choice_label(self, obj) -> str:
        """What a field shows that completes what is typed; namesakes may need more than the name."""
        return str(obj)

    # --- Who may

    def _may(self, request, act: str, obj=None) -> bool:
        if obj is not None:
            return can(request.user, act, obj)
        return can_on_some(request.user, act, self.model)

    def has_view_permission(self, request, obj=None) -> bool:
        return self._may(request, "view", obj)

    def has_change_permission(self, request, obj=None) -> bool:
        return self._may(request, "edit", obj)

    def has_add_permission(self, request) -> bool:
        return self._may(request, "edit")

    def has_delete_permission(self, request, obj=None) -> bool:
        return self._may(request, "edit", obj)

    def has_module_permission(self, request) -> bool:
        return self._may(request, "view")

    def get_view_on_site_url(self, obj=None):
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """Django would go to the index with a message; what one may not see is not found, here as everywhere."""
        raise Http404(_("There is no such record."))

    # --- Rows of a record

    def save_formset(self, request, form, formset, change) -> None:
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            row.delete()
        for row in formset.in_order(rows) if isinstance(formset, PartFormSet) else rows:
            self.save_part(row)
        formset.save_m2m()

    def save_part(self, row: models.Model) -> None:
        row.save()

    # --- History

    def history_view(self, request, object_id, extra_context=None):
        if event_model(self.model) is None:
            return super().history_view(request, object_id, extra_context)
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(record)s") % {"record": record},
            "page": history_page(
                record, self._parts(request, record), Reader(request.user), after=request.GET.get("after", "")
            ),
            "record": record,
            "module_name": self.opts.verbose_name_plural,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/record_history.html", context)

    def _parts(self, request, record) -> list[Part]:
        formsets = (inline.get_formset(request, record) for inline in self.get_inline_instances(request, record))
        return [Part(formset.model, formset.fk.name) for formset in formsets]  # type: ignore[attr-defined]

    # --- The log of what was done here, which “Recent actions” shows

    def construct_change_message(self, request, form, formsets, add=False):
        return super().construct_change_message(request, form, [_nameless(formset) for formset in formsets or []], add)

    def log_addition(self, request, obj, message):
        return self._log(request, obj, ADDITION, message)

    def log_change(self, request, obj, message):
        return self._log(request, obj, CHANGE, message)

    def log_deletions(self, request, queryset):
        return [self._log(request, obj, DELETION, "") for obj in queryset]

    def _log(self, request, obj, act: int, message):
        return LogEntry.objects.create(
            user_id=request.user.pk,
            content_type_id=get_content_type_for_model(obj).pk,
            object_id=obj.pk,
            object_repr=(f"{self.opts.verbose_name} {obj.pk}" if self.personal else str(obj))[:200],
            action_flag=act,
            change_message=message if isinstance(message, str) else json.dumps(message),
        )


class SluggedDeskAdmin(DeskAdmin):
    """The address is made from the name when the record is, and never changes."""

    slug_from = "name"

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "slug"]

    def save_model(self, request, obj, form, change) -> None:
        if not obj.slug:
            obj.slug = self.new_slug(obj)
        super().save_model(request, obj, form, change)

    def new_slug(self, obj) -> str:
        return new_slug(obj, getattr(obj, self.slug_from), self.slug_country(obj), taken=self.has_address)

    def has_address(self, slug: str) -> bool:
        return self.model._base_manager.filter(slug=slug).exists()

    def slug_country(self, obj) -> str:
        return getattr(obj, "country_id", "") or ""


class ReadOnlyDeskAdmin(DeskAdmin):
    """For rows that the portal writes itself."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class PartInline(FriendlyFields, admin.TabularInline):
    """The rows of a part of a record. `single` is (field, value): at most one row may have it."""

    extra = 0
    view_on_site = False
    form = PartForm
    formset = PartFormSet
    single: tuple[str, object] | None = None
    single_message: object = ""
    personal = False

    def get_queryset(self, request):
        related = [*self.get_autocomplete_fields(request), *self.account_fields]
        fields = [name for name in related if not self.model._meta.get_field(name).many_to_many]
        return visible(super().get_queryset(request), request.user).select_related(*fields)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if hasattr(field, "widget") and hasattr(field.widget, "can_change_related"):
            field.widget.can_change_related = field.widget.can_view_related = False  # rows are narrow
        return field

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.single, formset.single_message = self.single, self.single_message
        formset.form.single = self.single
        formset.personal = self.personal
        return formset


class ReadOnlyPartInline(PartInline):
    """Shown with the record, changed elsewhere."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


class StackedPartInline(PartInline):
    template = "admin/edit_inline/stacked.html"


def _nameless(formset):
    """A formset for Django's log, in which people are numbers."""
    if not getattr(formset, "personal", False):
        return formset
    return SimpleNamespace(
        forms=formset.forms,
        new_objects=[_Nameless(row) for row in formset.new_objects],
        changed_objects=[(_Nameless(row), fields) for row, fields in formset.changed_objects],
        deleted_objects=[_Nameless(row) for row in formset.deleted_objects],
    )


class _Nameless:
    def __init__(self, row: models.Model):
        self._meta, self.key = row._meta, row.pk

    def __str__(self) -> str:
        return str(self.key)
