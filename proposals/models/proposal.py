import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from projects.models import Project
from proposals.models.call import Call, Question
from toolkit.history import track


class ProposalQuerySet(VisibleQuerySet):
    def submitted(self):
        """Those that the call counts: sent and not taken back. One that is reopened counts as it was sent."""
        return self.filter(state__in=Proposal.STANDING)

    def taken(self):
        """Those that could be submitted at this moment: the call takes proposals, or a late code lets this one in."""
        late = Q(late_code__until__gte=Now(), call__state=Call.State.PUBLISHED)
        return self.filter(Q(call__in=Call.objects.taking().values("pk")) | late)

    def for_rows(self):
        return self.select_related("call", "applicant").annotate(
            is_confirmed=~Exists(
                self.model.partners.rel.related_model.objects.unconfirmed().filter(proposal=OuterRef("pk"))
            ),
            lead_name=models.Subquery(
                self.model.partners.rel.related_model.objects.filter(proposal=OuterRef("pk"), role="lead").values(
                    "institution__name"
                )[:1]
            ),
        )


@track(exclude=["title", "acronym", "summary", "sites", "revision"])
class Proposal(models.Model):
    """An answer to a call by institutions together. `submitted_at` is the instant that was held against the deadline.

    What was submitted stands in its submissions and stays as it was; the rows here are the draft.
    """

    is_confidential = True  # see accounts.access.about_hidden

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        REOPENED = "reopened", _("reopened")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ACCEPTED = "accepted", _("accepted")
        CHANGES = "changes", _("accepted with changes")
        REVISE = "revise", _("to be revised")
        RESERVE = "reserve", _("on the reserve list")
        REJECTED = "rejected", _("not accepted")

    OPEN = (State.DRAFT, State.REOPENED)
    GRANTED = (State.ACCEPTED, State.CHANGES)
    DECIDED = (State.ACCEPTED, State.CHANGES, State.REVISE, State.RESERVE, State.REJECTED)
    STANDING = (State.SUBMITTED, State.REOPENED, *DECIDED)
    TONES = {
        State.SUBMITTED: "good",
        State.REOPENED: "warn",
        State.ACCEPTED: "good",
        State.CHANGES: "good",
        State.REVISE: "warn",
    }

    call = models.ForeignKey(Call, models.PROTECT, related_name="proposals", verbose_name=_("call"))
    number = models.PositiveIntegerField(_("number"))
    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="proposals",
        verbose_name=_("lead person"),
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    sites = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries where it takes place"), default=list, blank=True
    )
    on_site = models.PositiveIntegerField(_("participants on site"), null=True, blank=True)
    builds_capacity = models.BooleanField(_("builds capacity in a developing country"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    created_at = models.DateTimeField(_("begun"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)  # how often it was saved
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    project = models.OneToOneField(
        Project,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="proposal",
        verbose_name=_("project"),
        editable=False,
    )
    origin = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="continued",
        verbose_name=_("continues"),
        editable=False,
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="entered_proposals",
        verbose_name=_("entered from paper by"),
        editable=False,
    )
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["call", "number"]
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="proposal_number_once"),
            models.UniqueConstraint(
                fields=["call", "origin"],
                condition=~Q(state="withdrawn"),
                name="proposal_continued_once_in_a_call",
            ),
            models.CheckConstraint(
                name="proposal_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("It cannot end before it starts."),
            ),
            models.CheckConstraint(
                name="proposal_submitted_has_instant",
                condition=Q(state__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_project_of_accepted",
                condition=Q(project__isnull=True) | Q(state__in=["accepted", "changes"]),
            ),
        ]
        indexes = [models.Index(fields=["call", "state"], name="proposal_call_state")]

    def __str__(self) -> str:
        return self.title or str(_("Proposal without a title"))

    def get_absolute_url(self) -> str:
        return f"/desk/proposals/{self.pk}/"

    @property
    def reference(self) -> str:
        return f"{self.call.code}-{self.number:03d}"

    @property
    def tone(self) -> str:
        return self.TONES.get(self.state, "")  # type: ignore[call-overload]

    @property
    def is_taken(self) -> bool:
        """Whether it could be submitted at this moment: one query. A submission itself is decided by its one statement."""
        return Proposal.objects.taken().filter(pk=self.pk).exists()

    @property
    def is_open(self) -> bool:
        """Whether its people may write in it."""
        return self.state in self.OPEN


class Answer(models.Model):
    """What a proposal says to a question, in the normal form of its kind: a date as 2027-03-01, an amount as 1200.00."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="answers", verbose_name=_("proposal"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name=_("question"))
    text = models.TextField(_("answer"), blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [models.UniqueConstraint(fields=["proposal", "question"], name="answer_once")]

    def __str__(self) -> str:
        return self.text[:80]


class Submission(models.Model):
    """What was submitted, frozen: `digest` is the SHA-256 of `content` as canonical JSON (sorted keys, no spaces, UTF-8)."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="submissions", verbose_name=_("proposal"))
    version = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    submitted_at = models.DateTimeField(_("submitted"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("submitted by")
    )

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["proposal", "-version"]
        constraints = [models.UniqueConstraint(fields=["proposal", "version"], name="submission_version_once")]

    def __str__(self) -> str:
        return f"{self.proposal} ({self.version})"


def place(row: models.Model, name: str) -> str:
    """Of a file of a proposal: nobody can guess it, and nothing but the ending tells what it is."""
    return f"proposals/{secrets.token_hex(16)}.{name.rpartition('.')[2]}"


class SubmissionPdf(models.Model):
    """What was submitted as a document, made after it by actions.papers."""

    submission = models.OneToOneField(
        Submission, models.CASCADE, related_name="pdf", verbose_name=_("submission"), primary_key=True
    )
    file = models.FileField(_("file"), upload_to=place, max_length=100)
    made_at = models.DateTimeField(_("made"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission as PDF")
        verbose_name_plural = _("submissions as PDF")

    def __str__(self) -> str:
        return str(self.submission)
