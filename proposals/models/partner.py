from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from proposals.models.proposal import Proposal
from toolkit.history import track


class PartnerQuerySet(VisibleQuerySet):
    def with_sign_off(self):
        """Annotates `signed` (confirmed, declined, or nothing): what the institution said of its part as it is now."""
        valid = SignOff.objects.valid().filter(partner=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            signed=models.Subquery(valid.values("answer")[:1]), signed_at=models.Subquery(valid.values("at")[:1])
        )

    def unanswered(self):
        """Neither a yes nor a no to the part as it is now."""
        return self.filter(~Exists(SignOff.objects.valid().filter(partner=OuterRef("pk"))))

    def unconfirmed(self):
        return self.filter(
            ~Exists(SignOff.objects.valid().filter(partner=OuterRef("pk"), answer=SignOff.Answer.CONFIRMED))
        )

    def promised(self):
        """Confirmed, and in a proposal that the alliance has or has accepted; each with its `amount`."""
        standing = ["submitted", "reopened", "reserve", *Proposal.GRANTED]
        unconfirmed = self.model.objects.unconfirmed()
        rows = self.filter(proposal__state__in=standing).exclude(pk__in=unconfirmed.values("pk"))
        return rows.with_amount().select_related("proposal__call").order_by("-proposal__submitted_at", "pk")

    def lead_first(self):
        lead = models.Case(models.When(role="lead", then=0), default=1)
        return self.order_by(lead, "position", "pk")

    def with_amount(self):
        """Annotates `amount`, the sum of its budget lines; never stored, so it cannot differ from them."""
        return self.annotate(amount=Sum("budget_lines__amount"))


@track(exclude=["contribution", "reminded_at"])
class Partner(models.Model):
    """An institution in a proposal. `revision` counts the changes of its own part; a sign-off is valid for one revision."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        PARTNER = "partner", _("partner")
        CO_HOST = "co_host", _("co-host")

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="partners", verbose_name=_("proposal"))
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="proposal_parts", verbose_name=_("institution")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.PARTNER)
    contribution = models.TextField(_("what it contributes"), blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    asked_at = models.DateTimeField(_("asked to confirm"), null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)

    # What with_sign_off() and with_amount() add to a row.
    signed: str | None
    signed_at: datetime | None
    amount: Decimal | None

    objects = PartnerQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner in a proposal")
        verbose_name_plural = _("partners in proposals")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "institution"],
                name="partner_institution_once",
                violation_error_message=_("This institution takes part already."),
            ),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(role="lead"),
                name="partner_one_lead",
                violation_error_message=_("A proposal has one lead."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.institution)


class SignOffQuerySet(VisibleQuerySet):
    def valid(self):
        """Not taken back, and about the partner's part as it is now."""
        return self.filter(revoked_at__isnull=True, revision=F("partner__revision"))


@track(exclude=["comment"])
class SignOff(models.Model):
    """An institution's dated yes or no to its part, said by a focal point or deputy."""

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="sign_offs", verbose_name=_("partner"))
    revision = models.PositiveIntegerField(_("revision of the part"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    comment = models.TextField(_("comment"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("said by")
    )
    at = models.DateTimeField(_("on"), db_default=Now())
    revoked_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        ordering = ["partner", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "revision"],
                condition=Q(revoked_at__isnull=True),
                name="signoff_one_valid",
                violation_error_message=_("The institution has answered already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner}: {self.get_answer_display()}"


@track(exclude=["label"])
class BudgetLine(models.Model):
    """What one partner asks for one purpose, in the currency of the call."""

    class Category(models.TextChoices):
        STAFF = "staff", _("staff")
        TRAVEL = "travel", _("travel and stays")
        EQUIPMENT = "equipment", _("equipment")
        CONSUMABLES = "consumables", _("consumables")
        EVENTS = "events", _("meetings and training")
        OTHER = "other", _("other")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="budget_lines", verbose_name=_("partner"))
    category = models.CharField(_("category"), max_length=20, choices=Category)
    label = models.CharField(_("purpose"), max_length=200, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        ordering = ["partner", "pk"]
        constraints = [
            models.CheckConstraint(
                name="budgetline_amount_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message=_("An amount must be more than zero."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.amount}"
