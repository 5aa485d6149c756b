from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution, InstitutionName
from toolkit.history import track


@track()
class InstitutionRelation(models.Model):
    """Kept in one direction: an institution *has parent* / *is succeeded by* / *is related to* the other."""

    class Kind(models.TextChoices):
        PARENT = "parent", _("has parent")
        SUCCESSOR = "successor", _("is succeeded by")
        RELATED = "related", _("is related to")

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="relations", verbose_name=_("institution")
    )
    kind = models.CharField(_("relation"), max_length=10, choices=Kind)
    other = models.ForeignKey(
        Institution, models.CASCADE, related_name="relations_from", verbose_name=_("other institution")
    )
    origin = models.CharField(
        _("origin"),
        max_length=10,
        choices=InstitutionName.Origin,
        default=InstitutionName.Origin.PORTAL,
        editable=False,
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "kind", "other"], name="institutionrelation_once"),
            models.CheckConstraint(
                name="institutionrelation_not_to_itself",
                condition=~Q(institution=F("other")),
                violation_error_message=_("An institution is not related to itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution} {self.get_kind_display()} {self.other}"
