"""One person's stay at a host, from the application to the accepted report, and what belongs to it."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from exchanges.models.offer import Offer
from members.models import Institution
from projects.models import Project
from toolkit.documents.proofs import Issued
from toolkit.history import track


class Days(Func):
    """From the first day to the last, both included."""

    function = "daterange"
    output_field = DateRangeField()


class StayQuerySet(VisibleQuerySet):
    def committed(self):
        """Those that hold a place and money."""
        return self.filter(state__in=Stay.COMMITTED)

    def promised(self):
        """Approved, and not behind both institutions yet."""
        return self.filter(state__in=Stay.COMMITTED).exclude(state=Stay.State.CLOSED)

    def guests_of(self, host, first, last):
        """Those who are there on some of these days, or have a place for it."""
        return self.filter(host=host, state__in=Stay.COMMITTED, starts_on__lte=last, ends_on__gte=first)

    def overlapping(self, stay: "Stay"):
        """Other stays of the same person that are meant to happen, in the same days."""
        if not (stay.applicant_id and stay.starts_on and stay.ends_on):
            return self.none()
        meant = [*Stay.ASKED, *Stay.COMMITTED]
        return self.filter(
            applicant=stay.applicant_id, state__in=meant, starts_on__lte=stay.ends_on, ends_on__gte=stay.starts_on
        ).exclude(pk=stay.pk)

    def for_rows(self):
        return self.select_related("offer", "home", "host", "applicant").defer("purpose")


@track(exclude=["purpose"])
class Stay(models.Model):
    """`home` sends and `host` receives the person. Home support and host agreement are two acts; the state follows from both."""

    is_confidential = True  # see accounts.access.about_hidden

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        AGREED = "agreed", _("agreed by home and host")
        APPROVED = "approved", _("approved")
        SCHEDULED = "scheduled", _("scheduled")
        UNDER_WAY = "under_way", _("under way")
        REPORT_DUE = "report_due", _("report due")
        REPORT_ACCEPTED = "report_accepted", _("report accepted")
        CLOSED = "closed", _("closed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CANCELLED = "cancelled", _("cancelled")

    ASKED = (State.SUBMITTED, State.AGREED)
    COMMITTED = (
        *(State.APPROVED, State.SCHEDULED, State.UNDER_WAY),
        *(State.REPORT_DUE, State.REPORT_ACCEPTED, State.CLOSED),
    )
    WENT = (State.UNDER_WAY, State.REPORT_DUE, State.REPORT_ACCEPTED, State.CLOSED)

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="stays", verbose_name=_("exchange offer"))
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="stays", verbose_name=_("scientist")
    )
    home = models.ForeignKey(Institution, models.PROTECT, related_name="stays_out", verbose_name=_("home institution"))
    host = models.ForeignKey(Institution, models.PROTECT, related_name="stays_in", verbose_name=_("host institution"))
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="stays", verbose_name=_("project")
    )
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    purpose = models.TextField(_("purpose"), max_length=6000, blank=True)
    asks = models.DecimalField(
        _("what it asks of the programme"), max_digits=14, decimal_places=2, default=Decimal(0), db_default=0
    )
    state = models.CharField(_("state"), max_length=20, choices=State, default=State.DRAFT, editable=False)
    created_at = models.DateTimeField(_("begun"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    reminded_on = models.DateField(_("reminded of the report"), null=True, blank=True, editable=False)
    held_up_on = models.DateField(
        _("could not begin, since a training was missing"), null=True, blank=True, editable=False
    )

    objects = StayQuerySet.as_manager()

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["state", "starts_on"], name="stay_by_state"),
            models.Index(fields=["offer", "state"], name="stay_of_offer"),
        ]
        constraints = [
            models.CheckConstraint(
                name="stay_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A stay cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="stay_asks_nothing_negative",
                condition=Q(asks__gte=0),
                violation_error_message=_("An amount cannot be less than zero."),
            ),
            models.CheckConstraint(
                name="stay_sent_is_complete",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(starts_on__isnull=False, ends_on__isnull=False, submitted_at__isnull=False),
            ),
            ExclusionConstraint(
                name="stay_of_one_person_at_a_time",
                expressions=[
                    ("applicant", RangeOperators.EQUAL),
                    (Days("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["approved", "scheduled", "under_way", "report_due", "report_accepted", "closed"])
                & Q(applicant__isnull=False),
                violation_error_message=_("This person has another approved stay in these days."),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/desk/exchanges/{self.pk}/"

    @property
    def reference(self) -> str:
        return f"EX-{self.pk:05d}"

    @property
    def tone(self) -> str:
        good = (self.State.SCHEDULED, self.State.UNDER_WAY, self.State.REPORT_ACCEPTED, self.State.CLOSED)
        bad = (self.State.DECLINED, self.State.WITHDRAWN, self.State.CANCELLED)
        return "good" if self.state in good else "warn" if self.state in (*bad, self.State.REPORT_DUE) else ""


@track(exclude=["comment"])
class StayAct(models.Model):
    """A dated yes or no of the home or the host institution, said once by a focal point or deputy."""

    class Kind(models.TextChoices):
        HOME = "home", _("support of the home institution")
        HOST = "host", _("agreement of the host")

    stay = models.ForeignKey(Stay, models.CASCADE, related_name="acts", verbose_name=_("stay"))
    kind = models.CharField(_("kind"), max_length=4, choices=Kind)
    agrees = models.BooleanField(_("agrees"))
    comment = models.TextField(_("comment"), max_length=1000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("said by")
    )
    at = models.DateTimeField(_("on"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("act of home or host")
        verbose_name_plural = _("acts of home and host")
        ordering = ["stay", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["stay", "kind"],
                name="stayact_once",
                violation_error_message=_("The institution has answered already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


@track(exclude=["note"])
class StayTask(models.Model):
    """What has to be ready before somebody arrives, and whose affair it is."""

    class Kind(models.TextChoices):
        VISA = "visa", _("visa")
        INSURANCE = "insurance", _("insurance")
        TRAINING = "training", _("training that is still valid")
        LODGING = "lodging", _("lodging")

    class Owner(models.TextChoices):
        SCIENTIST = "scientist", _("the scientist")
        HOME = "home", _("the home institution")
        HOST = "host", _("the host")

    stay = models.ForeignKey(Stay, models.CASCADE, related_name="tasks", verbose_name=_("stay"))
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    owner = models.CharField(_("whose"), max_length=10, choices=Owner)
    due_on = models.DateField(_("due on"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )
    reminded_on = models.DateField(_("reminded"), null=True, blank=True, editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("arrival task")
        verbose_name_plural = _("arrival tasks")
        ordering = ["stay", "due_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["stay", "kind"], name="staytask_once")]

    def __str__(self) -> str:
        return self.get_kind_display()


class StayReport(models.Model):
    """What came of a stay: written by the scientist, confirmed by the host, accepted by an officer."""

    is_confidential = True

    stay = models.OneToOneField(Stay, models.CASCADE, related_name="report", verbose_name=_("stay"))
    text = models.TextField(_("report"), max_length=12000)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed by the host"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    answer = models.TextField(_("answer of the alliance"), max_length=4000, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("report on a stay")
        verbose_name_plural = _("reports on stays")
        constraints = [
            models.CheckConstraint(
                name="stayreport_confirmed_after_submission",
                condition=Q(confirmed_at__isnull=True) | Q(submitted_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.stay)


class InvitationLetter(Issued):
    """A numbered letter that the host gives to who comes."""

    PREFIX = "INV"
    is_confidential = True

    stay = models.ForeignKey(Stay, models.CASCADE, related_name="letters", verbose_name=_("stay"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation letter")
        verbose_name_plural = _("invitation letters")
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="invitationletter_number_once"),
            models.UniqueConstraint(
                fields=["stay"], condition=Q(revoked_at__isnull=True), name="invitationletter_one_in_force"
            ),
        ]
