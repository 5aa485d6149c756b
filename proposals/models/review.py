"""What a reviewer says about a proposal, and what keeps a person away from one."""

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.proposal import Proposal, Submission
from proposals.models.reviewing import CallReviewer, Criterion
from toolkit.history import track


class ReviewQuerySet(VisibleQuerySet):
    def counting(self):
        """Those that are handed in."""
        return self.filter(state=Review.State.SUBMITTED)

    def in_use(self):
        """Given to a reviewer who has not stood back."""
        return self.exclude(state=Review.State.ABSTAINED)

    def with_title(self):
        """Annotates what `title` needs, for lists: the rest of the dossier is read by actions.dossiers."""
        submissions = Submission.objects.filter(proposal=OuterRef("proposal")).order_by("-version")
        redactions = Redaction.objects.filter(proposal=OuterRef("proposal"), field="title")
        return self.select_related("proposal__call__review_plan").annotate(
            submitted_title=Subquery(submissions.values(title=KeyTextTransform("title", "content"))[:1]),
            redacted_title=Subquery(redactions.values("text")[:1]),
        )


@track(exclude=["why", "to_applicant", "to_officers", "abstained_because"])
class Review(models.Model):
    """A proposal given to a reviewer, and the judgement. `why` says why this pair: see actions.assignment.

    `revision` counts what is saved, so that two windows never overwrite each other in silence.
    """

    is_confidential = True  # see accounts.access.about_hidden

    class State(models.TextChoices):
        ASSIGNED = "assigned", _("not started")
        STARTED = "started", _("started")
        SUBMITTED = "submitted", _("handed in")
        ABSTAINED = "abstained", _("abstained")

    OPEN = (State.ASSIGNED, State.STARTED)

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="reviews", verbose_name=_("proposal"))
    reviewer = models.ForeignKey(CallReviewer, models.PROTECT, related_name="reviews", verbose_name=_("reviewer"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASSIGNED, editable=False)
    why = models.JSONField(_("why this reviewer"), default=dict, blank=True, editable=False)
    by_hand = models.BooleanField(_("chosen by hand"), default=False, editable=False)
    to_applicant = models.TextField(_("comment to the applicant"), blank=True)
    to_officers = models.TextField(_("comment to the officers alone"), blank=True)
    abstained_because = models.TextField(_("why abstained"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    assigned_at = models.DateTimeField(_("given"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("handed in"), null=True, blank=True, editable=False)

    # What with_title() adds to a row.
    submitted_title: str | None
    redacted_title: str | None

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["proposal", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "reviewer"], name="review_once"),
            models.CheckConstraint(
                name="review_submitted_has_instant",
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["reviewer", "state"], name="review_of_reviewer")]

    def __str__(self) -> str:
        return self.proposal.reference

    def get_absolute_url(self) -> str:
        return f"/desk/reviews/{self.pk}/"

    @property
    def title(self) -> str:
        """As this reviewer may read it. Needs with_title()."""
        if self.proposal.call.review_plan.is_double_blind and self.redacted_title is not None:
            return self.redacted_title or self.proposal.reference
        return self.submitted_title or self.proposal.reference

    @property
    def tone(self) -> str:
        return {"submitted": "good", "started": "warn"}.get(self.state, "")


@track()
class Score(models.Model):
    review = models.ForeignKey(Review, models.CASCADE, related_name="scores", verbose_name=_("review"))
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="scores", verbose_name=_("criterion"))
    points = models.PositiveSmallIntegerField(_("points"))

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.UniqueConstraint(fields=["review", "criterion"], name="score_once"),
            models.CheckConstraint(name="score_points_in_scale", condition=Q(points__gte=1, points__lte=11)),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"


class Remark(models.Model):
    """Said in the discussion of a proposal, among those who have handed in their review and the officers."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="remarks", verbose_name=_("proposal"))
    review = models.ForeignKey(
        Review, models.CASCADE, null=True, blank=True, related_name="remarks", verbose_name=_("review of who says it")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("said by")
    )
    text = models.TextField(_("text"), max_length=5000)
    at = models.DateTimeField(_("on"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]


class DeclaredConflict(models.Model):
    """A conflict of interest that the registry cannot know, said by the person or by an officer."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="conflicts", verbose_name=_("proposal"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="declared_conflicts", verbose_name=_("person")
    )
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("said by")
    )
    at = models.DateTimeField(_("on"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("declared conflict of interest")
        verbose_name_plural = _("declared conflicts of interest")
        constraints = [models.UniqueConstraint(fields=["proposal", "user"], name="declaredconflict_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.proposal.reference}"


class Redaction(models.Model):
    """What reviewers who must not know the applicants read in place of a text of the proposal. An empty one shows nothing.

    `field` is title, acronym, summary or the key of an answer (q12).
    """

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="redactions", verbose_name=_("proposal"))
    field = models.CharField(_("field"), max_length=40)
    text = models.TextField(_("text for reviewers"), blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        constraints = [models.UniqueConstraint(fields=["proposal", "field"], name="redaction_once")]

    def __str__(self) -> str:
        return f"{self.proposal.reference}: {self.field}"
