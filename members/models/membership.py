from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from toolkit.clock import Today
from toolkit.dates import Precision
from toolkit.history import track
from vocabularies.models import SourcedModel

MEMBER_STANDINGS = ("member",)


@track()
class Meeting(SourcedModel):
    """A meeting of the board or the assembly, which decides on memberships."""

    class Body(models.TextChoices):
        ASSEMBLY = "assembly", _("General Assembly")
        BOARD = "board", _("Governing Board")

    body = models.CharField(_("body"), max_length=10, choices=Body)
    name = models.CharField(_("name"), max_length=200)
    held_on = models.DateField(_("date"))
    held_precision = models.CharField(_("precision"), max_length=10, choices=Precision, default=Precision.DAY)
    place = models.CharField(_("place"), max_length=200, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-held_on"]
        constraints = [models.UniqueConstraint(fields=["body", "name"], name="meeting_once")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(VisibleQuerySet):
    def decided_by(self, day=None):
        """Decisions that hold on that day or held before it; today by the database's clock."""
        return self.filter(starts_on__lte=day or Today())

    def latest_first(self):
        return self.order_by("-starts_on", "-pk")

    def in_force(self, day=None):
        """For each institution the decision that holds on that day, leaving included."""
        later = Membership.objects.decided_by(day).filter(
            Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), pk__gt=OuterRef("pk")),
            institution=OuterRef("institution"),
        )
        return self.decided_by(day).filter(~Exists(later))

    def standing_in_the_alliance(self, day=None):
        """Those of `in_force` that make an institution more than a partner."""
        return self.in_force(day).exclude(standing=Membership.Standing.PARTNER)


@track()
class Membership(SourcedModel):
    """One dated decision on the standing of an institution; the latest one holds, so no status is ever stored.

    Where no date is known, `starts_on` is the day of loading and the precision says unknown.
    """

    class Standing(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        ENDORSED = "endorsed", _("endorsed by the board")
        MEMBER = "member", _("member")
        OBSERVER = "observer", _("observer")
        SUSPENDED = "suspended", _("suspended")
        LEFT = "left", _("left")
        PARTNER = "partner", _("partner")  # the end of a candidacy: as if nothing had been decided

    institution = models.ForeignKey(
        "members.Institution", models.CASCADE, related_name="memberships", verbose_name=_("institution")
    )
    standing = models.CharField(_("standing"), max_length=10, choices=Standing)
    starts_on = models.DateField(_("from"))
    starts_precision = models.CharField(_("precision"), max_length=10, choices=Precision, default=Precision.DAY)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name=_("decided by")
    )
    application = models.ForeignKey(
        "members.MembershipApplication",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="decisions",
        verbose_name=_("application"),
    )
    founding = models.BooleanField(_("founding member"), default=False)
    note = models.TextField(_("note"), blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership decision")
        verbose_name_plural = _("membership decisions")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "starts_on", "standing"],
                name="membership_once",
                violation_error_message=_("This decision is recorded already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution}: {self.get_standing_display()}"
