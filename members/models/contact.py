from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution


class InstitutionContact(models.Model):
    """How to reach the institution. It may name a person, so it keeps no history; what is not public is for its people."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("e-mail")
        PHONE = "phone", _("telephone")
        ADDRESS = "address", _("postal address")

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="contacts", verbose_name=_("institution"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    label = models.CharField(_("for what"), max_length=100, blank=True)
    value = models.CharField(_("contact"), max_length=500)
    is_public = models.BooleanField(_("public"), default=False)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "kind", "value"],
                name="institutioncontact_once",
                violation_error_message=_("This contact is there already."),
            )
        ]

    def __str__(self) -> str:
        return self.value
