"""Accounts and roles in the alliance: administrators make and close them, and hand out roles."""

import zoneinfo

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.access import demand, get_visible_or_404
from accounts.admin_access import DeskAdmin, ReadOnlyDeskAdmin, ReadOnlyPartInline
from accounts.models import AllianceRole, User
from accounts.permissions import ADMINISTRATOR, has_role
from anso_portal.account_actions import drop_second_factor, keep_address, send_password_link
from anso_portal.account_forms import EraseForm, JoinForOthersForm
from anso_portal.closing import erase_account, obstacles
from anso_portal.joining import join_for_others
from anso_portal.models import ClosedAccount
from members.actions.roles import demand_account_may_close
from toolkit.clock import Today

admin.site.unregister(Group)  # Roles are rows with dates; groups would be a second truth.
admin.site.unregister(EmailAddress)  # It follows the address of its user.
# What signs somebody in belongs to that person alone; the providers of sign-in stand in the settings.
admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])

NOT_YOURSELF = _("You cannot take this from yourself: another administrator can.")


class AdministratorsOnly(DeskAdmin):
    """Others do not see even their own row here."""

    personal = True

    def has_view_permission(self, request, obj=None) -> bool:
        return self.has_change_permission(request) and super().has_view_permission(request, obj)

    def has_module_permission(self, request) -> bool:
        return self.has_change_permission(request)


class RoleInline(ReadOnlyPartInline):
    """Given and ended at /desk/roles/, so that the person is told."""

    model = AllianceRole
    fk_name = "user"
    readonly_fields = fields = ("role", "starts_on", "ends_on", "ended_at")
    personal = True


class AccountForm(forms.ModelForm):
    by: User
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial=settings.LANGUAGE_CODE)
    time_zone = forms.ChoiceField(label=_("Time zone"), initial="UTC")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            self.fields["time_zone"].choices = [(name, name) for name in sorted(zoneinfo.available_timezones())]

    def clean_email(self) -> str:
        return get_adapter().clean_email(self.cleaned_data["email"])

    def clean_is_active(self) -> bool:
        active = self.cleaned_data["is_active"]
        if not active and self.instance == self.by:
            raise ValidationError(NOT_YOURSELF)
        if not active and self.instance.pk:
            demand_account_may_close(user=self.instance)
        return active


class NewAccountForm(AccountForm):
    send_link = forms.BooleanField(label=_("Send a mail with a link to set the password"), required=False, initial=True)


class RoleFilter(admin.SimpleListFilter):
    title = _("role today")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return AllianceRole.Role.choices

    def queryset(self, request, queryset):
        if self.value() not in AllianceRole.Role.values:
            return queryset
        return queryset.filter(pk__in=AllianceRole.objects.current().filter(role=self.value()).values("user"))


@admin.register(User)
class UserAdmin(AdministratorsOnly, auth_admin.UserAdmin):
    """An account is closed, not deleted: what was done with it stays to be explained."""

    form = AccountForm
    add_form = NewAccountForm
    list_display = ["email", "name", "roles", "is_active", "joined_at", "last_login"]
    list_filter = ["is_active", RoleFilter, "language"]
    list_select_related = []
    search_fields = ["email", "name"]
    date_hierarchy = "joined_at"
    ordering = ["email"]
    filter_horizontal = []
    readonly_fields = ["set_password", "join", "erase", "joined_at", "last_login"]
    inlines = [RoleInline]
    actions = ["send_link", "drop_second_factor"]
    fieldsets = [
        (None, {"fields": ["email", "name", "is_active", "set_password"]}),
        (_("Reading"), {"fields": ["language", "time_zone"]}),
        (_("Dates"), {"fields": ["joined_at", "last_login"]}),
        (_("On the person's request"), {"fields": ["join", "erase"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "language", "time_zone", "is_active", "send_link"]})]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("alliance_roles").annotate(today=Today())

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    @admin.display(description=_("roles today"))
    def roles(self, user):
        current = (role for role in user.alliance_roles.all() if _holds(role, user.today))
        return ", ".join(role.get_role_display() for role in current) or "–"

    @admin.display(description=_("password"))
    def set_password(self, user):
        state = _("There is one.") if user.has_usable_password() else _("None was set yet.")
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('{} <a href="{}">{}</a>', state, address, _("Set a password"))

    @admin.display(description=_("erasing"))
    def erase(self, user):
        if ClosedAccount.objects.filter(user=user).exists():
            return _("This account was closed.")
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_erase", args=[user.pk]), _("Erase it …"))

    @admin.display(description=_("joining"))
    def join(self, user):
        if not user.is_active:
            return _("This account was closed.")
        address = reverse("admin:accounts_user_join", args=[user.pk])
        return format_html('<a href="{}">{}</a>', address, _("Join it to another account …"))

    def get_urls(self):
        join, erase = self.admin_site.admin_view(self.join_view), self.admin_site.admin_view(self.erase_view)
        return [
            path("<int:pk>/join/", join, name="accounts_user_join"),
            path("<int:pk>/erase/", erase, name="accounts_user_erase"),
            *super().get_urls(),
        ]

    def join_view(self, request, pk: int):
        """For a person who has two accounts and cannot join them: who holds a role, or has lost the mailbox of one."""
        user = get_visible_or_404(self.get_queryset(request), request.user, pk=pk)
        if user == request.user:
            return redirect("account_join")
        demand(request.user, "erase", user, str(_("Administrators can do this.")))
        form = JoinForOthersForm(request.POST if request.method == "POST" else None, closed=user)
        if request.method == "POST" and form.is_valid():
            kept = form.cleaned_data["kept"]
            try:
                join_for_others(kept=kept, closed=user, by=request.user)
            except ValidationError as problem:
                form.add_error(None, problem)
            else:
                self.log_change(request, kept, gettext("Account %(number)d was joined to it.") % {"number": user.pk})
                self.message_user(
                    request, _("The two accounts are one now. Both addresses are told."), messages.SUCCESS
                )
                return redirect("admin:accounts_user_change", kept.pk)
        context = {**self.admin_site.each_context(request), "title": _("Join two accounts"), "opts": self.opts}
        context |= {"account": user, "form": form}
        return render(request, "admin/accounts/user/join.html", context, status=422 if form.errors else 200)

    def erase_view(self, request, pk: int):
        """For a person who asked for it in writing and cannot do it. By the same action, under the administrator's name."""
        user = get_visible_or_404(self.get_queryset(request), request.user, pk=pk)
        if user == request.user:
            return redirect("account_delete")
        demand(request.user, "erase", user, str(_("Administrators can do this.")))
        form = EraseForm(request.POST if request.method == "POST" else None, user=user)
        if request.method == "POST" and form.is_valid():
            erase_account(user=user, by=request.user)
            self.message_user(request, _("The account is erased."), messages.SUCCESS)
            return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Erase an account"), "opts": self.opts}
        context |= {"account": user, "form": form, "obstacles": obstacles(user)}
        return render(request, "admin/accounts/user/erase.html", context, status=422 if form.errors else 200)

    def save_model(self, request, obj, form, change) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change or "email" in form.changed_data:
            keep_address(user=obj, confirmed=not change)
        if not change and form.cleaned_data.get("send_link"):
            send_password_link(user=obj)

    @admin.action(description=_("Send a mail with a link to set the password"), permissions=["change"])
    def send_link(self, request, queryset):
        number = sum(send_password_link(user=user) for user in queryset)
        text = ngettext("%(n)d mail is on its way.", "%(n)d mails are on their way.", number) % {"n": number}
        self.message_user(request, text, messages.SUCCESS if number else messages.WARNING)

    @admin.action(description=_("Take the second factor off, for who has lost it"), permissions=["change"])
    def drop_second_factor(self, request, queryset):
        """Each by name in the log: whoever does this could sign in as the other with a new password."""
        dropped = [user for user in queryset.exclude(pk=request.user.pk) if drop_second_factor(user=user)]
        for user in dropped:
            self.log_change(request, user, gettext("The second factor was taken off."))
        text = ngettext(
            "%(n)d account has no second factor now.", "%(n)d accounts have no second factor now.", len(dropped)
        )
        self.message_user(request, text % {"n": len(dropped)}, messages.SUCCESS if dropped else messages.WARNING)


def _holds(role: AllianceRole, today) -> bool:
    return role.ended_at is None and role.starts_on <= today and (role.ends_on is None or role.ends_on >= today)


@admin.register(AllianceRole)
class AllianceRoleAdmin(ReadOnlyDeskAdmin):
    """To look things up. Roles are given and ended at /desk/roles/, so that the person is told."""

    personal = True
    list_display = ["user", "role", "starts_on", "ends_on", "ended_at", "given_by"]
    list_filter = ["role", ("ends_on", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "given_by"]
    search_fields = ["user__email", "user__name"]
    date_hierarchy = "starts_on"

    def has_view_permission(self, request, obj=None) -> bool:
        return has_role(request.user, ADMINISTRATOR) and super().has_view_permission(request, obj)

    def has_module_permission(self, request) -> bool:
        return has_role(request.user, ADMINISTRATOR)

    def get_view_on_site_url(self, obj=None):
        return reverse("members:alliance_roles")
