"""Who may act for an institution. History keeps ids and dates of it, and no names."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import DatedRole, RoleQuerySet
from members.permissions import DEPUTY, EDITOR, FOCAL_POINT
from toolkit.history import track


class InstitutionRoleQuerySet(RoleQuerySet):
    def lasting_focal_points(self):
        """In force and without an end: of these an institution never loses the last one (see the migration that guards it)."""
        return self.current().filter(role=FOCAL_POINT, ends_on__isnull=True, user__is_active=True)


@track()
class InstitutionRole(DatedRole):
    """A person with an account may act for an institution."""

    class Role(models.TextChoices):
        FOCAL_POINT = FOCAL_POINT, _("focal point")
        DEPUTY = DEPUTY, _("deputy")
        EDITOR = EDITOR, _("editor")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="institution_roles", verbose_name=_("user")
    )
    institution = models.ForeignKey(
        "members.Institution", models.CASCADE, related_name="roles", verbose_name=_("institution")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)

    objects = InstitutionRoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in an institution")
        verbose_name_plural = _("roles in institutions")
        ordering = ["institution", "role"]
        constraints = [
            models.CheckConstraint(
                name="institutionrole_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A role cannot end before it begins."),
            ),
            models.CheckConstraint(
                name="institutionrole_ended_has_end",
                condition=Q(ended_at__isnull=True) | Q(ends_on__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "institution", "role"],
                condition=Q(ends_on__isnull=True),
                name="institutionrole_open_once",
                violation_error_message=_("This person holds this role already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.institution}"

    def get_absolute_url(self) -> str:
        return self.institution.desk_url
