from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from toolkit.eligibility import validate as validate_rules
from toolkit.history import track
from toolkit.rows import columns_but
from vocabularies.models import SourcedModel


@track(exclude=["seats_taken", "budget_taken"])
class Programme(SourcedModel):
    """A kind of exchange, or of call, that the alliance runs under rules of its own.

    `rules` are the conditions of toolkit.eligibility for a stay. `seats_taken` and `budget_taken` count what approved stays
    hold; the database refuses more than there is.
    """

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    translations = models.JSONField(_("names in other languages"), default=dict, blank=True)
    description = models.TextField(_("description"), blank=True)

    rules = models.JSONField(_("rules of its stays"), default=list, blank=True, validators=[validate_rules])
    needs_approval = models.BooleanField(
        _("an officer approves each stay"),
        default=True,
        help_text=_("Otherwise a stay is approved when home and host have agreed, as long as there is a place."),
    )
    seats = models.PositiveIntegerField(_("stays in all"), null=True, blank=True, help_text=_("Empty: no limit."))
    budget = models.DecimalField(_("budget for stays"), max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR", help_text=_("ISO code, as in EUR."))
    grants_from = models.DateField(_("stays from"), null=True, blank=True)
    grants_until = models.DateField(_("stays until"), null=True, blank=True)
    report_within_days = models.PositiveSmallIntegerField(_("report within days"), default=30)
    seats_taken = models.PositiveIntegerField(_("stays approved"), default=0, editable=False)
    budget_taken = models.DecimalField(
        _("budget given"), max_digits=14, decimal_places=2, default=0, db_default=0, editable=False
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="programme_seats_are_not_overcommitted",
                condition=Q(seats__isnull=True) | Q(seats_taken__lte=F("seats")),
                violation_error_message=_("More stays are approved than that."),
            ),
            models.CheckConstraint(
                name="programme_budget_is_not_overcommitted",
                condition=Q(budget__isnull=True) | Q(budget_taken__lte=F("budget")),
                violation_error_message=_("More money is given than that."),
            ),
            models.CheckConstraint(
                name="programme_ends_after_start",
                condition=Q(grants_from__isnull=True)
                | Q(grants_until__isnull=True)
                | Q(grants_until__gte=F("grants_from")),
                violation_error_message=_("The last day comes before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        """What stays have taken is counted in the database alone: a form that was open meanwhile must not put it back."""
        if not self._state.adding:
            kwargs.setdefault("update_fields", columns_but(Programme, "seats_taken", "budget_taken"))
        super().save(*args, **kwargs)
