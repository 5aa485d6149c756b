"""What the people of a proposal ask of the alliance before its institutions can sign: a record, or somebody who speaks for one."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from proposals.models.partner import Partner
from proposals.models.proposal import Proposal
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Country


class RequestQuerySet(VisibleQuerySet):
    def waiting(self):
        return self.filter(answered_at__isnull=True)


class Request(models.Model):
    """Answered once, by an officer of the call; a refusal has a reason. Names people, so it keeps no history of fields."""

    is_confidential = True  # see accounts.access.about_hidden

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    at = models.DateTimeField(_("asked"), db_default=Now())
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    reason = models.TextField(_("why not"), max_length=1000, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_refused(self) -> bool:
        return bool(self.reason)


class InstitutionRequest(Request):
    """An institution that is to take part and is not in the registry. `institution` is the record that an officer found or made."""

    proposal = models.ForeignKey(
        Proposal, models.CASCADE, related_name="institution_requests", verbose_name=_("proposal")
    )
    name = models.CharField(_("name of the institution"), max_length=400)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+", verbose_name=_("country"))
    website = WebAddress(_("website"), blank=True)
    role = models.CharField(_("role"), max_length=10, choices=Partner.Role, default=Partner.Role.PARTNER)
    contribution = models.TextField(_("what it contributes"), blank=True)
    institution = models.ForeignKey(
        Institution, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("institution")
    )

    class Meta:
        verbose_name = _("institution asked for")
        verbose_name_plural = _("institutions asked for")
        ordering = ["at", "pk"]
        constraints = [
            opens_a_page("website", name="institution_request_website_opens_a_page"),
            models.UniqueConstraint(
                fields=["proposal", "name"],
                condition=Q(answered_at__isnull=True),
                name="institutionrequest_waits_once",
                violation_error_message=_("This institution is asked for already."),
            ),
            models.CheckConstraint(
                name="institutionrequest_answer_is_one",
                condition=Q(answered_at__isnull=True, institution__isnull=True, reason="")
                | Q(answered_at__isnull=False, institution__isnull=False, reason="")
                | (Q(answered_at__isnull=False, institution__isnull=True) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it is answered."""
        return f"{self.proposal.call.desk_url}requests/institutions/{self.pk}/"


class Signatory(Request):
    """Who is to sign for an institution that has no focal point yet. Verified, the person is invited to be its focal point."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="signatories", verbose_name=_("partner"))
    name = models.CharField(_("name"), max_length=200)
    position = models.CharField(
        _("position"), max_length=200, help_text=_("What lets this person sign for the institution, as in Vice-Rector.")
    )
    email = models.EmailField(_("e-mail address"), max_length=254)

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(answered_at__isnull=True),
                name="signatory_waits_once",
                violation_error_message=_("Somebody is named already."),
            ),
            models.CheckConstraint(
                name="signatory_refusal_is_answer", condition=Q(reason="") | Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it is answered."""
        return f"{self.proposal.call.desk_url}requests/signatories/{self.pk}/"

    @property
    def proposal(self) -> Proposal:
        return self.partner.proposal
