"""Everything about one proposal in one ZIP, as far as those may read it for whom it is made: a profile.

What a profile names is packed and nothing else. The same proposal gives the same bytes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.db import models
from django.utils import formats, translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from proposals.actions.dossiers import dossier, last_submission
from proposals.actions.letters import letter_pdf
from proposals.actions.papers import paper_of, paper_of_content
from proposals.models import Clarification, Decision, Proposal, ProposalFile, Redaction, Review, ReviewPlan, Submission
from toolkit.documents.paper import Paper, Section, make_pdf
from workflow.models import Step


class Profile(models.TextChoices):
    WHOLE = "whole", gettext_lazy("all of it, for the office")
    REVIEWERS = "reviewers", gettext_lazy("as reviewers may read it, redacted where the review is double-blind")
    APPLICANTS = "applicants", gettext_lazy("as the applicants may read it, without the names of reviewers")


def pack_dossier(*, proposal: Proposal, profile: Profile, by: User, into: IO[bytes]) -> None:
    """Of a proposal that was submitted and that this officer works on."""
    submission = last_submission(proposal)
    assert submission
    at = localtime(submission.submitted_at).timetuple()[:6]
    sums = []
    with translation.override("en"), ZipFile(into, "w", ZIP_DEFLATED) as archive:
        for name, content in _entries(submission, profile, by):
            archive.writestr(ZipInfo(f"{proposal.reference}/{name}", at), content, ZIP_DEFLATED)
            sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
        # In the form of sha256sum, which can check it.
        archive.writestr(ZipInfo(f"{proposal.reference}/SHA256SUMS", at), "".join(sums), ZIP_DEFLATED)


def _entries(submission: Submission, profile: Profile, by: User) -> Iterator[tuple[str, bytes]]:
    proposal = submission.proposal
    plan = ReviewPlan.objects.filter(call=proposal.call_id).first()
    yield "proposal.pdf", make_pdf(_proposal(submission, profile, plan))
    for file in _files(proposal, profile, plan):
        with file.file.open("rb") as opened:
            yield f"files/{file.name}", opened.read()
    if profile == Profile.REVIEWERS:
        return
    if asked := list(Clarification.objects.visible_to(by).filter(proposal=proposal)):
        rows = [(one.question, one.answer or _("Not answered.")) for one in asked]
        yield (
            "questions.pdf",
            make_pdf(_paper(submission, _("Questions and answers"), [Section(_("Asked"), rows=rows)])),
        )
    decision = Decision.objects.filter(proposal=proposal, applied_at__isnull=False).select_related("proposal__call")
    announced = decision.first()
    if announced:
        yield "decision.pdf", letter_pdf(announced)
    reviews = Review.objects.visible_to(by).filter(proposal=proposal, state=Review.State.SUBMITTED)
    reviews = reviews.select_related("reviewer__user").prefetch_related("scores__criterion").order_by("pk")
    if profile == Profile.WHOLE:
        if reviews:
            yield "reviews.pdf", make_pdf(_paper(submission, _("Reviews"), [_review(one) for one in reviews]))
        yield "history.pdf", make_pdf(_history(submission, by))
    elif announced and (said := [one.to_applicant for one in reviews if one.to_applicant]):
        rows = [(_("Review %(n)d") % {"n": number}, text) for number, text in enumerate(said, 1)]
        yield "reviews.pdf", make_pdf(_paper(submission, _("Reviews"), [Section(_("To the applicants"), rows=rows)]))


def _proposal(submission: Submission, profile: Profile, plan: ReviewPlan | None) -> Paper:
    if profile != Profile.REVIEWERS:
        return paper_of(submission)
    # A plan is single-blind until somebody says otherwise; the digest is that of the whole, which the reader does not get.
    proposal = submission.proposal
    paper = paper_of_content(dossier(proposal, plan or ReviewPlan(call=proposal.call)), submission)
    return replace(paper, footer=proposal.reference)


def _files(proposal: Proposal, profile: Profile, plan: ReviewPlan | None) -> Iterator[ProposalFile]:
    files = proposal.files.filter(is_submitted=True).select_related("proposal__call", "question").order_by("number")
    if profile == Profile.REVIEWERS:
        files = files.filter(question__for_reviewers=True)
        if plan and plan.is_double_blind:
            hidden = set(Redaction.objects.filter(proposal=proposal).values_list("field", flat=True))
            return (file for file in files if f"q{file.question_id}" not in hidden)
    return iter(files)


def _paper(submission: Submission, title: str, sections: list[Section]) -> Paper:
    proposal = submission.proposal
    return Paper(
        kicker=f"{proposal.call.code} · {proposal.call.title}",
        title=f"{title}: {proposal.reference}",
        language="en",
        date=localtime(submission.submitted_at).date().isoformat(),
        footer=proposal.reference,
        lead=str(proposal),
        sections=sections,
    )


def _review(review: Review) -> Section:
    points = [(str(score.criterion), str(score.points)) for score in review.scores.all()]
    said = [(_("To the applicants"), review.to_applicant), (_("To the officers alone"), review.to_officers)]
    return Section(str(review.reviewer.user), rows=[*points, *((label, text) for label, text in said if text)])


def _history(submission: Submission, by: User) -> Paper:
    steps = Step.objects.visible_to(by).of(submission.proposal).select_related("by")
    lines = [
        [
            formats.date_format(localtime(step.at), "DATETIME_FORMAT"),
            f"{step.source} → {step.target}",
            str(step.by or "–"),
            step.reason,
        ]
        for step in steps
    ]
    columns = [_("When"), _("Step"), _("By"), _("Reason")]
    return _paper(submission, _("History"), [Section(_("Steps"), columns=columns, lines=lines, last_is_number=False)])
