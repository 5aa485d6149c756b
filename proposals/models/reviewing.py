"""How the proposals of a call are judged: the plan, what is judged, and by whom."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.call import Call
from toolkit.clock import Today
from toolkit.history import track


@track()
class ReviewPlan(models.Model):
    """How a call is reviewed. The phase says who sees what: docs/reviews.md holds the table."""

    class Blindness(models.TextChoices):
        SINGLE = "single", _("applicants do not know the reviewers")
        DOUBLE = "double", _("neither knows the other")

    class Phase(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        REVIEWING = "reviewing", _("being reviewed")
        DISCUSSING = "discussing", _("being discussed")
        PANEL = "panel", _("with the panel")
        CLOSED = "closed", _("reviewed")

    # In these a reviewer writes; in these who has handed in the own review reads those of the others.
    WRITING = (Phase.REVIEWING, Phase.DISCUSSING)
    TOGETHER = (Phase.DISCUSSING, Phase.PANEL, Phase.CLOSED)

    call = models.OneToOneField(Call, models.CASCADE, related_name="review_plan", verbose_name=_("call"))
    blindness = models.CharField(_("who knows whom"), max_length=10, choices=Blindness, default=Blindness.SINGLE)
    per_proposal = models.PositiveSmallIntegerField(
        _("reviews for each proposal"), default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    per_reviewer = models.PositiveSmallIntegerField(
        _("most for one reviewer"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("A reviewer may say that it is fewer."),
    )
    due_at = models.DateTimeField(_("reviews are due"), null=True, blank=True)
    instructions = models.TextField(_("what reviewers should know"), blank=True, help_text=_("Markdown."))
    phase = models.CharField(_("phase"), max_length=12, choices=Phase, default=Phase.PREPARING, editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("review plan")
        verbose_name_plural = _("review plans")
        constraints = [
            models.CheckConstraint(
                name="reviewplan_numbers",
                condition=Q(per_proposal__gte=1, per_proposal__lte=10, per_reviewer__gte=1, per_reviewer__lte=100),
                violation_error_message=_("Between 1 and 10 reviews for a proposal, 1 and 100 for a reviewer."),
            ),
            models.CheckConstraint(
                name="reviewplan_begun_has_due_date",
                condition=Q(phase="preparing") | Q(due_at__isnull=False),
                violation_error_message=_("Say when the reviews are due."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.call)

    def get_absolute_url(self) -> str:
        return f"/desk/calls/{self.call.slug}/review/"

    @property
    def is_double_blind(self) -> bool:
        """Anything but a plain “single” hides the applicants."""
        return self.blindness != self.Blindness.SINGLE


@track()
class Criterion(models.Model):
    """What is judged, from 1 to as many points as there are labels. The weighted mean of a review is its score, in 0 to 100."""

    plan = models.ForeignKey(ReviewPlan, models.CASCADE, related_name="criteria", verbose_name=_("review plan"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("criterion"), max_length=200)
    hint = models.TextField(_("hint"), blank=True)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)
    labels = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("words for the points, the worst first"),
        default=list,
        help_text=_("Separated by commas, as in poor, fair, good, very good, excellent."),
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="criterion_weight_is_positive",
                condition=Q(weight__gt=0),
                violation_error_message=_("A weight must be more than zero."),
            ),
            models.CheckConstraint(
                name="criterion_has_labels",
                condition=Q(labels__len__gte=2, labels__len__lte=11),
                violation_error_message=_("Give between 2 and 11 words."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class CallReviewerQuerySet(VisibleQuerySet):
    def accepted(self):
        return self.filter(state=CallReviewer.State.ACCEPTED)

    def available(self):
        """Who takes reviews today."""
        away = Q(away_from__lte=Today(), away_until__gte=Today())
        return self.accepted().exclude(away)


@track(exclude=["alternative", "reminded_at"])
class CallReviewer(models.Model):
    """A reviewer of the alliance who is asked to review for a call."""

    is_confidential = True  # what was told to a reviewer says who reviews; see accounts.access.about_hidden
    known_by = "hear"

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    call = models.ForeignKey(Call, models.CASCADE, related_name="reviewers", verbose_name=_("call"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reviewing", verbose_name=_("reviewer")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.INVITED, editable=False)
    most = models.PositiveSmallIntegerField(
        _("most proposals that you take"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)
    alternative = models.TextField(_("whom to ask instead"), max_length=500, blank=True)
    invited_at = models.DateTimeField(_("invited"), db_default=Now(), editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )

    objects = CallReviewerQuerySet.as_manager()

    class Meta:
        verbose_name = _("reviewer of a call")
        verbose_name_plural = _("reviewers of a call")
        ordering = ["call", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["call", "user"], name="callreviewer_once"),
            models.CheckConstraint(
                name="callreviewer_away_in_order",
                condition=Q(away_from__isnull=True, away_until__isnull=True) | Q(away_until__gte=F("away_from")),
                violation_error_message=_("Give the first and the last day, in this order."),
            ),
            models.CheckConstraint(
                name="callreviewer_answered_has_instant",
                condition=Q(state="invited") | Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def get_absolute_url(self) -> str:
        return f"/desk/reviews/calls/{self.pk}/"
