from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from proposals.models.call import Question
from proposals.models.proposal import Proposal, place
from toolkit.documents.uploads import KINDS, LARGEST

LARGEST_TOGETHER = 30 << 20  # bytes of one proposal


class ProposalFileQuerySet(VisibleQuerySet):
    def current(self):
        return self.filter(removed_at__isnull=True)


class ProposalFile(models.Model):
    """A document that answers a question, cleaned by toolkit.documents. `size` in bytes; `digest` is its SHA-256.

    One that is replaced stays while it belongs to the last submission, which `is_submitted` says.
    """

    is_confidential = True  # see accounts.access.about_hidden

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="files", verbose_name=_("proposal"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="files", verbose_name=_("question"))
    number = models.PositiveSmallIntegerField(_("number"))
    extension = models.CharField(_("kind"), max_length=5, choices=[(name, name.upper()) for name in KINDS])
    size = models.PositiveIntegerField(_("size"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    file = models.FileField(_("file"), upload_to=place, max_length=100)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("sent by")
    )
    at = models.DateTimeField(_("sent"), db_default=Now())
    removed_at = models.DateTimeField(_("taken out"), null=True, blank=True)
    is_submitted = models.BooleanField(_("part of the last submission"), default=False)

    objects = ProposalFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a proposal")
        verbose_name_plural = _("files of proposals")
        ordering = ["proposal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="proposalfile_number_once"),
            models.UniqueConstraint(
                fields=["proposal", "question"],
                condition=Q(removed_at__isnull=True),
                name="proposalfile_one_for_a_question",
            ),
            models.CheckConstraint(name="proposalfile_size", condition=Q(size__gt=0, size__lte=LARGEST)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/desk/proposals/{self.proposal_id}/files/{self.number}/"

    @property
    def name(self) -> str:
        """The portal's: what somebody called the file may say who it was."""
        return f"proposal-{self.proposal.reference}-{self.number}.{self.extension}"
