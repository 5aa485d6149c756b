from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution
from toolkit.history import track
from toolkit.names import ror_url


@track()
class InstitutionIdentifier(models.Model):
    """Identifiers beside ROR, which stands on the institution itself; a further ROR id is that of a record taken up in
    this one. A Crossref Funder id may be shared."""

    class Scheme(models.TextChoices):
        ROR = "ror", _("further ROR id")
        ISNI = "isni", "ISNI"
        WIKIDATA = "wikidata", "Wikidata"
        FUNDREF = "fundref", "Crossref Funder"
        GRID = "grid", "GRID"

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="identifiers", verbose_name=_("institution")
    )
    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme)
    value = models.CharField(_("identifier"), max_length=100)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["scheme", "value"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "scheme", "value"], name="institutionidentifier_once")
        ]
        indexes = [models.Index(fields=["value"], name="institutionidentifier_value")]

    def __str__(self) -> str:
        return f"{self.get_scheme_display()} {self.value}"

    @property
    def url(self) -> str:
        """Where the identifier leads; GRID has closed and leads nowhere."""
        compact = "".join(self.value.split())
        addresses = {
            self.Scheme.ROR: ror_url(compact),
            self.Scheme.ISNI: f"https://isni.org/isni/{compact}",
            self.Scheme.WIKIDATA: f"https://www.wikidata.org/wiki/{compact}",
            self.Scheme.FUNDREF: f"https://doi.org/10.13039/{compact}",
        }
        return addresses.get(self.Scheme(self.scheme), "")
