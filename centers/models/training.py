"""What a center teaches: courses, the days on which they are given, who takes part, and what the participants can show."""

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from centers.models.center import Center
from toolkit.clock import Today
from toolkit.documents.proofs import Issued
from toolkit.history import track


@track()
class Course(models.Model):
    """Something that can be learned at a center. Its certificates expire `valid_months` after the last day of a session."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="courses", verbose_name=_("center"))
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=4000, blank=True)
    valid_months = models.PositiveSmallIntegerField(
        _("certificates are valid for (months)"),
        null=True,
        blank=True,
        help_text=_("Empty: they do not expire."),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("training course")
        verbose_name_plural = _("training courses")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "name"],
                name="course_once",
                violation_error_message=_("The center has a course of this name already."),
            ),
            CheckConstraint(
                name="course_valid_for_a_month_or_more",
                condition=Q(valid_months__isnull=True) | Q(valid_months__range=(1, 120)),
                violation_error_message=_("From 1 to 120 months, or empty."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CourseSessionQuerySet(VisibleQuerySet):
    def to_come(self):
        return self.filter(cancelled_at__isnull=True, starts_on__gt=Today())

    def with_taken(self):
        """Annotates `taken`: how many take part."""
        return self.annotate(taken=models.Count("participants", filter=Q(participants__signed_off_at__isnull=True)))

    def for_rows(self):
        return self.with_taken().select_related("course__center")


@track()
class CourseSession(models.Model):
    """The days on which a course is given. Signing up ends when it begins."""

    course = models.ForeignKey(Course, models.CASCADE, related_name="sessions", verbose_name=_("training course"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    places = models.PositiveSmallIntegerField(_("places"))
    cancelled_at = models.DateTimeField(_("called off"), null=True, blank=True, editable=False)

    objects = CourseSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("training session")
        verbose_name_plural = _("training sessions")
        ordering = ["starts_on", "pk"]
        constraints = [
            CheckConstraint(
                name="coursesession_ends_after_start",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A session cannot end before it begins."),
            ),
            CheckConstraint(
                name="coursesession_has_places",
                condition=Q(places__gte=1),
                violation_error_message=_("A session has at least one place."),
            ),
        ]

    def __str__(self) -> str:
        return self.course.name

    def get_absolute_url(self) -> str:
        return f"/centers/training/{self.pk}/"


class ParticipantQuerySet(VisibleQuerySet):
    def taking_part(self):
        return self.filter(signed_off_at__isnull=True)


@track()
class Participant(models.Model):
    """One person in one session. Who signs off and on again stays one row; `attended` is empty until somebody has said it."""

    session = models.ForeignKey(
        CourseSession, models.CASCADE, related_name="participants", verbose_name=_("training session")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="trainings", verbose_name=_("person")
    )
    signed_up_at = models.DateTimeField(_("signed up"), db_default=Now(), editable=False)
    signed_off_at = models.DateTimeField(_("signed off"), null=True, blank=True, editable=False)
    attended = models.BooleanField(_("attended"), null=True, blank=True, editable=False)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = _("participant of a training")
        verbose_name_plural = _("participants of trainings")
        ordering = ["session", "signed_up_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "person"], name="participant_once"),
            CheckConstraint(
                name="participant_signed_off_did_not_attend",
                condition=Q(signed_off_at__isnull=True) | Q(attended__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or "–")


class CertificateQuerySet(VisibleQuerySet):
    def of(self, person, *courses):
        """Whatever session of the courses it was."""
        return self.filter(participant__person=person, participant__session__course__in=courses)

    def good_through(self, day):
        """Those in force that still hold on that day."""
        unlimited = Q(valid_until__isnull=True)
        return self.filter(unlimited | Q(valid_until__gte=day), revoked_at__isnull=True)


@track(exclude=["content", "code", "digest"])
class Certificate(Issued):
    """Numbered, and verified by whoever holds it."""

    PREFIX = "CERT"

    participant = models.ForeignKey(
        Participant, models.CASCADE, related_name="certificates", verbose_name=_("participant of a training")
    )
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    reminded_on = models.DateField(_("reminded that it expires"), null=True, blank=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-year", "-serial"]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(revoked_at__isnull=True, reminded_on__isnull=True),
                name="certificate_expiring",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="certificate_number_once"),
            models.UniqueConstraint(
                fields=["participant"], condition=Q(revoked_at__isnull=True), name="certificate_one_in_force"
            ),
        ]
