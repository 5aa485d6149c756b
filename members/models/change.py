"""What the people of an institution propose to change in its record, field by field.

Fields may hold contacts, so these tables keep no history of their own; the moves of a request do, and so does the record.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution


class ChangeRequestQuerySet(VisibleQuerySet):
    def unfinished(self):
        """Drafts, and what waits for an officer: where a person goes on rather than begin anew."""
        return self.filter(state__in=ChangeRequest.UNFINISHED)

    def waiting(self):
        return self.filter(state=ChangeRequest.State.PROPOSED)


class ChangeRequest(models.Model):
    """Changes that one person proposes to one institution. Drafts are the institution's own business."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        PROPOSED = "proposed", _("waits for an officer")
        DECIDED = "decided", _("decided")
        WITHDRAWN = "withdrawn", _("withdrawn")

    UNFINISHED = (State.DRAFT, State.PROPOSED)

    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="change_requests", verbose_name=_("institution")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="change_requests", verbose_name=_("by")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    note = models.TextField(_("for the officer"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    changed_at = models.DateTimeField(_("changed"), db_default=Now())
    proposed_at = models.DateTimeField(_("sent"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    illustrative = models.BooleanField(_("illustrative"), default=False, help_text=_("Written as sample."))

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        ordering = ["pk"]
        indexes = [models.Index(fields=["state", "proposed_at"], name="changerequest_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "by"],
                condition=Q(state__in=["draft", "proposed"]),
                name="changerequest_one_unfinished",
                violation_error_message=_("There is an unfinished change by this person already."),
            ),
            models.CheckConstraint(
                name="changerequest_dates_follow_state",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(state="proposed", proposed_at__isnull=False)
                | Q(state="decided", proposed_at__isnull=False, decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.institution)

    def get_absolute_url(self) -> str:
        return reverse("members:change", args=[self.institution.slug, self.pk])


class ChangeItem(models.Model):
    """One field: what the record said, what it is to say, and what was decided.

    `live_at` is set where it stands in the record already; a refusal then takes it back.
    """

    class Decision(models.TextChoices):
        UNDECIDED = "undecided", _("not decided yet")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("not accepted")

    request = models.ForeignKey(ChangeRequest, models.CASCADE, related_name="items", verbose_name=_("change request"))
    field = models.CharField(_("field"), max_length=20)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    live_at = models.DateTimeField(_("in the record since"), null=True, blank=True)
    was_own = models.BooleanField(_("stated by the institution before"), default=False)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.UNDECIDED)
    reason = models.TextField(_("reason"), max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("changed field")
        verbose_name_plural = _("changed fields")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "field"], name="changeitem_once"),
            models.CheckConstraint(
                name="changeitem_decision_has_date",
                condition=Q(decision="undecided", decided_at__isnull=True)
                | (~Q(decision="undecided") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="changeitem_refused_with_reason",
                condition=~Q(decision="refused") | ~Q(reason=""),
                violation_error_message=_("Say why it is not accepted."),
            ),
        ]

    def __str__(self) -> str:
        return self.field
