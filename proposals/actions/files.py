"""Documents that answer a question of the form: sent, replaced, taken out; and what becomes of those that nobody needs."""

import datetime
import hashlib

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Max, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.actions.drafts import open_for_writing, touch
from proposals.models import Answer, Proposal, ProposalFile, Question
from proposals.models.file import LARGEST_TOGETHER
from toolkit.documents.uploads import Cleaned

KEPT_FOR = datetime.timedelta(days=30)  # a file that was taken out, in case it was a mistake


@transaction.atomic
def keep_file(*, proposal: Proposal, question: Question, cleaned: Cleaned, by: User) -> ProposalFile:
    """In the place of the one that answered this question before. The answer is the number of the file."""
    row = open_for_writing(proposal, by)
    others = row.files.current().exclude(question=question).aggregate(size=Sum("size"))["size"] or 0
    if others + len(cleaned.content) > LARGEST_TOGETHER:
        raise ValidationError(_("The files of a proposal may have 30 MB together."), code="file_together")
    digest = hashlib.sha256(cleaned.content).hexdigest()
    same = row.files.current().filter(question=question, digest=digest).first()
    if same:
        return same  # a second click
    row.files.current().filter(question=question).update(removed_at=Now())
    last = row.files.aggregate(last=Max("number"))["last"] or 0
    kept = ProposalFile(
        proposal=row,
        question=question,
        number=last + 1,
        extension=cleaned.extension,
        size=len(cleaned.content),
        digest=digest,
        by=by,
    )
    kept.file.save(kept.name, ContentFile(cleaned.content), save=True)
    Answer.objects.update_or_create(proposal=row, question=question, defaults={"text": str(kept.number)})
    touch(row)
    return kept


@transaction.atomic
def take_out_file(*, proposal: Proposal, question: Question, by: User) -> None:
    row = open_for_writing(proposal, by)
    row.files.current().filter(question=question).update(removed_at=Now())
    row.answers.filter(question=question).delete()
    touch(row)


def mark_submitted(proposal: Proposal) -> None:
    """Those of the last submission are the ones that the alliance sees."""
    stays = ExpressionWrapper(Q(removed_at__isnull=True), BooleanField())
    proposal.files.update(is_submitted=stays)


def forget_files_taken_out() -> int:
    """With what they hold on the disk. Those of the last submission stay."""
    old = ProposalFile.objects.filter(removed_at__lte=Now() - KEPT_FOR, is_submitted=False)
    gone = 0
    for file in old.iterator():
        if ProposalFile.objects.filter(pk=file.pk, is_submitted=False).delete()[0]:
            file.file.delete(save=False)
            gone += 1
    return gone
