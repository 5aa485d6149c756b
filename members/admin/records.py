from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ImportForm

from accounts.admin_access import DeskAdmin, PartInline, ReadOnlyDeskAdmin, ReadOnlyPartInline, SluggedDeskAdmin
from accounts.admin_forms import NormalisedField, PartFormSet
from members.actions.changes import forget_picture
from members.actions.names import keep_names, look_alikes_of, name_institution
from members.actions.profiles import address_of
from members.forms.facts import LOGO_WITHIN
from members.forms.lines import DescriptionsField, LinksField, LogoInput
from members.models import (
    Affiliation,
    Institution,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRelation,
    InstitutionRole,
    Invitation,
    Meeting,
    Membership,
    Person,
)
from members.resources import InstitutionResource, problems_of
from toolkit.clock import Today
from toolkit.documents import clean_picture
from toolkit.names import normalise_orcid, normalise_ror

COLUMNS_OF_ROR = {"place": {"country", "city", "latitude", "longitude"}, "website": {"website"}}
SOURCE: Any = (_("Source"), {"fields": ["source", "source_urls", "source_seen_on"], "classes": ["collapse"]})


def refuse_look_alikes(names: list[str], institution: Institution, *, confirmed: bool) -> None:
    """Unless the officer says that it is another institution; `looks_like` tells the page to ask that."""
    alike = look_alikes_of(names, of=institution) if names else []
    if alike:
        institution.looks_like = True
    if alike and not confirmed:
        raise ValidationError(
            _("This name looks like that of %(others)s. If this is another institution all the same, say so above."),
            code="look_alike",
            params={"others": ", ".join(f"{other.name} ({other.slug})" for other in alike)},
        )


class NameFormSet(PartFormSet):
    def clean(self) -> None:
        super().clean()
        rows = [form.instance for form in self.forms if form not in self.deleted_forms and self._is_filled(form)]
        if rows and self.instance.pk and not any(row.kind == InstitutionName.Kind.DISPLAY for row in rows):
            raise ValidationError(_("One of the names must be the display name."))
        changed = [form.instance.value for form in self.forms if form.instance in rows and "value" in form.changed_data]
        refuse_look_alikes(changed, self.instance, confirmed=bool(self.data.get("another_one")))


class NameInline(PartInline):
    model = InstitutionName
    formset = NameFormSet
    fields = ["value", "language", "kind", "origin"]
    readonly_fields = ["origin"]
    single = ("kind", InstitutionName.Kind.DISPLAY.value)
    single_message = _("Only one of the names can be the display name.")


class IdentifierInline(PartInline):
    model = InstitutionIdentifier


class ContactInline(PartInline):
    """They may name a person, so the log of the admin says only that they changed."""

    model = InstitutionContact
    personal = True


class RelationInline(PartInline):
    model = InstitutionRelation
    fk_name = "institution"
    fields = ["kind", "other", "origin"]
    readonly_fields = ["origin"]
    autocomplete_fields = ["other"]


class MembershipInline(PartInline):
    model = Membership
    fields = ["standing", "starts_on", "starts_precision", "meeting", "founding", "note", "source", "source_seen_on"]
    autocomplete_fields = ["meeting", "source"]


class RoleInline(ReadOnlyPartInline):
    """Given and ended at the institution's desk, so that the person is told and a focal point stays."""

    model = InstitutionRole
    readonly_fields = fields = ("user", "role", "starts_on", "ends_on", "ended_at")
    account_fields = ("user",)
    personal = True


class AffiliationInline(PartInline):
    model = Affiliation
    autocomplete_fields = ["institution"]
    personal = True


class StandingFilter(admin.SimpleListFilter):
    title = _("standing today")
    parameter_name = "standing"

    def lookups(self, request, model_admin):
        return Membership.Standing.choices

    def queryset(self, request, queryset):
        if self.value() == Membership.Standing.PARTNER:
            return queryset.partners()
        if self.value() in Membership.Standing.values:
            return queryset.in_standing(self.value())
        return queryset


class InstitutionForm(forms.ModelForm):
    ror = NormalisedField(normalise=normalise_ror, label=_("ROR id"), help_text=_("As in 05qrfxd25, or its address."))
    further_links = LinksField(label=_("Further links"))
    translations = DescriptionsField(label=_("Description in other languages"))
    another_one = forms.BooleanField(
        required=False,
        widget=forms.HiddenInput,
        label=_("It is another institution, although its name looks like that of one that is here"),
    )

    class Meta:
        widgets = {"logo": LogoInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["further_links"] = self.instance.links

    def clean_logo(self):
        logo = self.cleaned_data["logo"]
        return clean_picture(logo, within=LOGO_WITHIN) if isinstance(logo, UploadedFile) else logo

    def clean(self):
        cleaned = super().clean()
        if not self.instance.pk and self.cleaned_data.get("name"):
            confirmed = self.cleaned_data.get("another_one", False)
            refuse_look_alikes([self.cleaned_data["name"]], self.instance, confirmed=confirmed)
        return cleaned


class InstitutionImportForm(ImportForm):
    LIMIT = 5 << 20

    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > self.LIMIT:
            raise ValidationError(_("The file is larger than 5 MB: import it in parts."))
        return file


@admin.register(Institution)
class InstitutionAdmin(ImportExportMixin, SluggedDeskAdmin):
    """The name is typed once, when the record is made; afterwards it follows from the names below."""

    form = InstitutionForm
    import_form_class = InstitutionImportForm
    import_template_name = "admin/members/institution_import.html"
    resource_classes = [InstitutionResource]
    formats = [CSV, XLSX]
    list_display = ["name", "acronym", "kind", "country", "standing", "record_status", "ror_link"]
    list_filter = [
        "kind",
        "scope",
        "record_status",
        StandingFilter,
        ("country", admin.RelatedOnlyFieldListFilter),
        ("source", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["country"]
    search_fields = ["names_folded__contains"]
    search_help_text = _("A name in any script, an acronym or a ROR id.")
    date_hierarchy = "source_seen_on"
    autocomplete_fields = ["country", "source", "themes"]
    readonly_fields = ["ror_types"]
    inlines = [NameInline, ContactInline, IdentifierInline, RelationInline, MembershipInline, RoleInline]
    fieldsets = [
        (None, {"fields": ["another_one", "name", "acronym", "slug", "kind", "scope", "record_status"]}),
        (_("What it says of itself"), {"fields": ["description", "translations", "themes", "logo"]}),
        (_("Place"), {"fields": ["country", "city", ("latitude", "longitude")]}),
        (_("Elsewhere"), {"fields": ["website", "further_links", "ror", "ror_types", "established"]}),
        SOURCE,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).with_standing()

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["name", "acronym"] if obj else [])]

    def has_address(self, slug: str) -> bool:
        return Institution.objects.has_address(slug)

    def render_change_form(self, request, context, *args, **kwargs):
        form = context["adminform"].form
        if getattr(form.instance, "looks_like", False):
            form.fields["another_one"].widget = forms.CheckboxInput()
        return super().render_change_form(request, context, *args, **kwargs)

    def choice_label(self, institution) -> str:
        return " · ".join(filter(None, [institution.name, institution.acronym, institution.country_id]))

    @admin.display(description=_("standing"))
    def standing(self, institution):
        return dict(Membership.Standing.choices).get(institution.standing, _("partner"))

    @admin.display(description="ROR", ordering="ror")
    def ror_link(self, institution):
        return format_html('<a href="{}">{}</a>', institution.ror_url, institution.ror) if institution.ror else "–"

    def has_import_permission(self, request) -> bool:
        return self.has_change_permission(request)

    def has_export_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def get_import_data_kwargs(self, **kwargs):
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def process_result(self, result, request):
        """What was looked at may have changed before it was confirmed: then nothing is imported, and the page says why."""
        if not (problems := problems_of(result)):
            return super().process_result(result, request)
        sentence = str(_("Nothing was imported, because something has changed since you looked at it."))
        self.message_user(request, " ".join([sentence, *problems[:10]]), messages.ERROR)
        return redirect("admin:members_institution_import")

    def get_export_queryset(self, request):
        """The list itself leaves out a filter that it does not know; a file must not hold more than was asked for."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters:
            raise BadRequest(_("This address names a filter that the list does not have.")) from None

    def save_model(self, request, obj, form, change) -> None:
        """A place or website that was corrected here is not taken over from ROR any more."""
        obj.links = form.cleaned_data["further_links"]
        corrected = {field for field, columns in COLUMNS_OF_ROR.items() if columns.intersection(form.changed_data)}
        if change and corrected:
            obj.own_facts = sorted(corrected.union(obj.own_facts))
        logo = form.initial.get("logo")
        super().save_model(request, obj, form, change)
        if logo and logo.name != obj.logo.name:
            forget_picture(logo.name)

    def save_part(self, row) -> None:
        """What somebody changed here is ours from now on: an import of ROR leaves it alone."""
        if isinstance(row, InstitutionName | InstitutionRelation):
            row.origin = InstitutionName.Origin.PORTAL
        super().save_part(row)

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        institution = form.instance
        if not institution.names.filter(kind=InstitutionName.Kind.DISPLAY).exists():
            name_institution(institution=institution, name=institution.name, acronym=institution.acronym)
        keep_names(institutions=[institution])


@admin.register(Meeting)
class MeetingAdmin(DeskAdmin):
    list_display = ["name", "body", "held_on", "held_precision", "place"]
    list_filter = ["body"]
    list_select_related = ["source"]
    search_fields = ["name", "place"]
    date_hierarchy = "held_on"
    autocomplete_fields = ["source"]
    fieldsets = [(None, {"fields": ["body", "name", ("held_on", "held_precision"), "place"]}), SOURCE]


@admin.register(Membership)
class MembershipAdmin(DeskAdmin):
    list_display = ["institution", "standing", "starts_on", "starts_precision", "meeting", "founding"]
    list_filter = ["standing", "founding", "starts_precision", ("meeting", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["institution", "meeting"]
    search_fields = ["institution__names_folded__contains"]
    date_hierarchy = "starts_on"
    autocomplete_fields = ["institution", "meeting", "source"]
    fieldsets = [
        (
            None,
            {"fields": ["institution", "standing", ("starts_on", "starts_precision"), "meeting", "founding", "note"]},
        ),
        SOURCE,
    ]


class PersonForm(forms.ModelForm):
    orcid = NormalisedField(normalise=normalise_orcid, label=_("ORCID iD"), help_text=_("As in 0000-0002-1825-0097."))


@admin.register(Person)
class PersonAdmin(SluggedDeskAdmin):
    form = PersonForm
    personal = True
    account_fields = ("user",)
    list_display = ["name", "works_at", "orcid", "is_public", "illustrative"]
    list_filter = [
        "is_public",
        "illustrative",
        ("themes", admin.RelatedOnlyFieldListFilter),
        ("user", admin.EmptyFieldListFilter),
    ]
    list_select_related = ["user"]
    search_fields = ["names_folded__contains", "orcid"]
    autocomplete_fields = ["themes"]
    inlines = [AffiliationInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "translations",
                    "slug",
                    "orcid",
                    "user",
                    "is_public",
                    "accepts_messages",
                    "illustrative",
                ]
            },
        ),
        (_("Work"), {"fields": ["expertise", "themes", "languages", "biography"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("affiliations__institution")

    def new_slug(self, person) -> str:
        return address_of(person)

    @admin.display(description=_("works at"))
    def works_at(self, person):
        current = next((own for own in person.affiliations.all() if own.ends_on is None), None)
        return current.institution if current else "–"


class CurrentRoleFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "current"

    def lookups(self, request, model_admin):
        return [("yes", _("today")), ("no", _("ended or to come"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        in_force = Q(pk__in=queryset.model.objects.current().values("pk"))
        return queryset.filter(in_force if self.value() == "yes" else ~in_force)


@admin.register(InstitutionRole)
class InstitutionRoleAdmin(ReadOnlyDeskAdmin):
    """To look things up. Roles are given and ended at the institution's desk, to which “View on site” leads."""

    personal = True
    list_display = ["user", "institution", "role", "starts_on", "ends_on", "in_force", "given_by"]
    list_filter = ["role", CurrentRoleFilter]
    list_select_related = ["user", "institution", "given_by"]
    search_fields = ["user__email", "user__name", "institution__names_folded__contains"]
    date_hierarchy = "starts_on"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(today=Today())

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, role):
        begun = role.ended_at is None and role.starts_on <= role.today
        return begun and (role.ends_on is None or role.ends_on >= role.today)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyDeskAdmin):
    personal = True
    list_display = ["email", "role", "institution", "state", "created_at", "expires_at", "invited_by"]
    list_filter = ["state", "role"]
    list_select_related = ["institution", "invited_by"]
    search_fields = ["email", "name", "institution__names_folded__contains"]
    date_hierarchy = "created_at"
    exclude = ["token_hash"]
